import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.base import Button, Message
from bot.channels.telegram.render import MAX_BUTTONS, MAX_LABEL, MAX_ROW, MAX_TEXT, Renderer
from bot.channels.tokens import TokenCodec
from bot.channels.wording import count_utf16
from tests.bot.channels.telegram.emulated import GROUP, Emulated, run_emulated

RENDERER = Renderer(TokenCodec(b"secret"))
FAMILY = "👨‍👩‍👧‍👦"


def read_keyboard(payload: dict[str, Any]) -> list[list[dict[str, Any]]]:
    return payload["reply_markup"]["inline_keyboard"]  # type: ignore[no-any-return]


def make_rows(*widths: int) -> tuple[tuple[Button, ...], ...]:
    return tuple(tuple(Button(f"{row}.{column}", "s") for column in range(width)) for row, width in enumerate(widths))


def test_a_message_without_buttons_has_no_keyboard() -> None:
    assert "reply_markup" not in RENDERER.render("1", Message("Hi"))
    assert "reply_markup" not in RENDERER.render("1", Message("Hi", ((), ())))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x" * 4096, "x" * 4096),
        ("x" * 4097, "x" * 4095 + "…"),
        ("👍" * 2048, "👍" * 2048),
        ("👍" * 2049, "👍" * 2047 + "…"),
        ("word " * 900, ("word " * 819).strip() + "…"),
        ("a\ud83d", "a\ufffd"),
        ("", "…"),
        (" \n\u200b", "…"),
    ],
)
def test_a_text_is_brought_within_the_limit(text: str, expected: str) -> None:
    assert RENDERER.render("1", Message(text))["text"] == expected


def test_a_wide_row_is_broken_into_several() -> None:
    keyboard = read_keyboard(RENDERER.render("1", Message("Hi", make_rows(17, 2))))
    assert [len(row) for row in keyboard] == [8, 8, 1, 2]


def test_when_there_are_too_many_buttons_the_ways_out_stay() -> None:
    keyboard = read_keyboard(RENDERER.render("1", Message("Hi", make_rows(*[1] * 120, 3))))
    assert sum(map(len, keyboard)) == MAX_BUTTONS
    assert [button["text"] for button in keyboard[-1]] == ["120.0", "120.1", "120.2"]


def test_a_long_label_is_cut_between_graphemes() -> None:
    (button,) = read_keyboard(RENDERER.render("1", Message("Hi", ((Button(FAMILY * 9, "s"),),))))[0]
    assert button["text"] == FAMILY * 5 + "…"


@pytest.mark.parametrize("edits", ["", "x", "-5", "²", "5.0"])
def test_only_a_message_id_can_be_edited(edits: str) -> None:
    assert RENDERER.render_edit("1", Message("Hi", edits=edits)) is None


def test_a_message_that_asks_for_a_contact_cannot_be_an_edit_in_private() -> None:
    ask = Message("Hi", edits="5", asks_contact="Share")
    assert RENDERER.render_edit("1", ask) is None
    assert RENDERER.render_edit("-1", ask) is not None


def test_a_chat_of_another_platform_is_refused_without_naming_it() -> None:
    with pytest.raises(ValueError, match=r"^not the id of a chat on Telegram$"):
        RENDERER.render("+4915112345678x", Message("Hi"))


# ── Whatever is said, Telegram takes it ──────────────────────────────────────────────────────────────────────────────

scripts = st.sampled_from(
    [
        "Haircut ",
        "Стрижка ",
        "قص شعر ",
        "ตัดผม",
        "<b>&amp;*_`[",
        FAMILY,
        "👍🏽",
        "🇺🇦",
        "e\u0301",
        "\u200b",
        "\ud83d",
        "\n\n",
        " ",
        "\x00",
    ]
)
words = st.one_of(scripts, st.text(st.characters(), max_size=4))
texts = st.builds(lambda parts, times: "".join(parts) * times, st.lists(words, max_size=6), st.sampled_from([0, 1, 2, 60, 400]))
edges = st.builds(
    lambda piece, limit, off: (piece * limit)[: max(0, limit // count_utf16(piece) + off)],
    st.sampled_from(["x", "ж", "م", "ท", "👍"]),
    st.sampled_from([MAX_TEXT, MAX_LABEL]),
    st.integers(-2, 2),
)
labels = st.one_of(texts, edges)
values = st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=10), st.uuids().map(str))
buttons = st.builds(Button, labels, st.sampled_from(["s", "s" * 10]), values, st.sampled_from(["", "primary", "danger"]))
few_rows = st.lists(st.lists(buttons, max_size=3).map(tuple), max_size=3).map(tuple)
many_rows = st.builds(
    lambda button, widths: tuple((button,) * width for width in widths),
    buttons,
    st.one_of(st.lists(st.integers(0, 20), max_size=12), st.sampled_from([[1] * 99, [1] * 100, [1] * 101, [7], [8], [9], [101]])),
)
messages = st.builds(
    Message,
    labels,
    rows=st.one_of(few_rows, many_rows),
    asks_contact=st.one_of(st.just(""), labels),
    is_silent=st.booleans(),
)


@given(messages, st.sampled_from(["5000000001", GROUP]))
def test_every_message_is_inside_the_limits(message: Message, chat: str) -> None:
    payload = RENDERER.render(chat, message)
    assert 1 <= count_utf16(str(payload["text"])) <= MAX_TEXT
    markup: Any = payload.get("reply_markup", {})
    rows = markup.get("inline_keyboard") or markup.get("keyboard") or []
    assert sum(map(len, rows)) <= MAX_BUTTONS + 1
    assert all(1 <= len(row) <= MAX_ROW for row in rows)
    assert all(1 <= count_utf16(button["text"]) <= MAX_LABEL for row in rows for button in row)
    assert all(len(button.get("callback_data", "x").encode()) <= 64 for row in rows for button in row)


@pytest.fixture(scope="module")
def telegram() -> Iterator[tuple[asyncio.Runner, Emulated]]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        emulated = runner.run(stack.enter_async_context(run_emulated()))
        yield runner, emulated
        runner.run(stack.aclose())


@given(before=messages, after=messages, is_group=st.booleans())
@settings(deadline=None, max_examples=150)
def test_no_message_is_ever_refused(
    telegram: tuple[asyncio.Runner, Emulated], before: Message, after: Message, is_group: bool
) -> None:
    runner, emulated = telegram
    chat = GROUP if is_group else emulated.chat

    async def scenario() -> None:
        sent = await emulated.channel.send(chat, before)
        await emulated.channel.send(chat, Message(after.text, after.rows, edits=sent))

    runner.run(scenario())
    calls = runner.run(emulated.ask("GET", "calls"))["log"]
    runner.run(emulated.ask("DELETE", "calls"))
    refused = {call["description"] for call in calls if not call["ok"]}
    assert not {reason for reason in refused if "not modified" not in reason and "can't be edited" not in reason}
