import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.base import Button, Message
from bot.channels.tokens import TokenCodec
from bot.channels.whatsapp.channel import TRAITS
from bot.channels.whatsapp.render import MAX_BODY, MAX_ROW_TITLE, MAX_ROWS, MAX_TEXT, MAX_TITLE, Renderer, split_label
from bot.channels.wording import count_utf16
from bot.conversation.contract import Choice, Reply, Text
from bot.conversation.wording import PAGE_STEP, Wording
from bot.redisserver import RedisServer
from bot.sandbox.whatsapp.refusals import Refused
from bot.sandbox.whatsapp.rules import check_message
from bot.texts import Texts, find_locales
from tests.bot.channels.whatsapp.emulated import Emulated, run_emulated

RENDERER = Renderer(TokenCodec(b"secret"))
TEXTS = Texts(find_locales())
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
FAMILY = "👨‍👩‍👧‍👦"
LONG = "A label that does not fit a button"


def make_rows(*labels: str) -> tuple[tuple[Button, ...], ...]:
    return tuple((Button(label, "s", str(at)),) for at, label in enumerate(labels))


def render(message: Message) -> dict[str, Any]:
    return RENDERER.render("1", message)


def list_titles(payload: dict[str, Any]) -> list[str]:
    return [row["title"] for row in payload["interactive"]["action"]["sections"][0]["rows"]]


def test_a_message_without_buttons_is_text() -> None:
    assert render(Message("Hi")) == {"type": "text", "text": {"body": "Hi", "preview_url": False}}


@pytest.mark.parametrize(
    ("labels", "form"),
    [
        (["Yes"], "button"),
        (["Yes", "No", "Menu"], "button"),
        (["x" * MAX_TITLE], "button"),
        (["x" * (MAX_TITLE + 1)], "list"),
        (["Yes", "No", "Menu", "Talk to a person"], "list"),
        (["10:00", "10:00"], "list"),
    ],
)
def test_up_to_three_short_labels_are_buttons_and_the_rest_is_a_list(labels: list[str], form: str) -> None:
    assert render(Message("Hi", make_rows(*labels), opener="Choose"))["interactive"]["type"] == form


def test_two_buttons_that_do_the_same_are_one() -> None:
    payload = render(Message("Hi", ((Button("Menu", "menu"), Button("The menu", "menu")),)))
    assert [button["reply"]["title"] for button in payload["interactive"]["action"]["buttons"]] == ["Menu"]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Haircut & finish · 60 min · €42", ("Haircut & finish", "60 min · €42")),
        ("Blow-dry · 45 min", ("Blow-dry", "45 min")),
        ("Today, Monday 1 March", ("Today, Monday 1 March", "")),
        ("First free: Wednesday 3 March, 13:00", ("First free", "Wednesday 3 March, 13:00")),
        ("With somebody who is free sooner", ("With somebody who is…", "With somebody who is free sooner")),
        (FAMILY * 3, (FAMILY * 2 + "…", FAMILY * 3)),
    ],
)
def test_a_label_becomes_title_and_description_and_loses_nothing(label: str, expected: tuple[str, str]) -> None:
    assert split_label(label.strip()) == expected


def test_when_there_are_too_many_rows_the_ways_out_stay() -> None:
    titles = list_titles(render(Message("Hi", make_rows(*map(str, range(20)), "Back", "Menu", "Talk to a person"))))
    assert len(titles) == MAX_ROWS
    assert titles[-3:] == ["Back", "Menu", "Talk to a person"]


def test_a_contact_request_has_no_other_button_so_the_rest_is_said() -> None:
    wording = Wording(TEXTS, "en", NOW, TRAITS)
    reply = Reply(Text("phone.ask"), ways=(Choice(Text("way.back"), "back"),), asks_contact=Text("phone.share"))
    message, _, _ = wording.message(reply, page=0, edits="")
    payload = render(message)
    assert payload["interactive"]["action"] == {"name": "request_contact_info"}
    assert payload["interactive"]["body"]["text"].endswith("You can also type: Back.")


@pytest.mark.parametrize("text", ["x", "ж", "م", "ท", "👍", FAMILY])
@pytest.mark.parametrize("limit", [MAX_TEXT, MAX_BODY])
@pytest.mark.parametrize("off", [-1, 0, 1, 30])
def test_a_text_at_the_limit_is_kept_and_beyond_it_cut_between_graphemes(text: str, limit: int, off: int) -> None:
    times = max(1, limit // count_utf16(text) + off)
    whole = text * times
    buttons = make_rows("Yes") if limit == MAX_BODY else ()
    payload = render(Message(whole, buttons))
    shown = payload["text"]["body"] if "text" in payload else payload["interactive"]["body"]["text"]
    assert count_utf16(shown) <= limit
    assert (shown == whole) == (count_utf16(whole) <= limit)
    assert set(regex.findall(r"\X", shown)) <= {text, "…"}


# ── Whatever is said, WhatsApp takes it ──────────────────────────────────────────────────────────────────────────────

scripts = st.sampled_from(
    [
        "Haircut ",
        "Стрижка ",
        "قص شعر ",
        "ตัดผม",
        FAMILY,
        "👍🏽",
        "🇺🇦",
        "e\u0301",
        "\u200b",
        "\ud83d",
        "\n\n",
        " ",
        "\x00",
        " · ",
        ", ",
    ]
)
words = st.one_of(scripts, st.text(st.characters(), max_size=4))
texts = st.builds(lambda parts, times: "".join(parts) * times, st.lists(words, max_size=5), st.sampled_from([0, 1, 2, 60, 400]))
edges = st.builds(
    lambda piece, limit, off: (piece * limit)[: max(0, limit // count_utf16(piece) + off)],
    st.sampled_from(["x", "ж", "م", "ท", "👍"]),
    st.sampled_from([MAX_TEXT, MAX_BODY, MAX_TITLE, MAX_ROW_TITLE, 72]),
    st.integers(-2, 2),
)
labels = st.one_of(texts, edges)
values = st.one_of(st.text(st.characters(exclude_categories=["Cs"]), max_size=10), st.uuids().map(str))
buttons = st.builds(Button, labels, st.sampled_from(["s", "s" * 10]), values)
rows = st.lists(st.lists(buttons, max_size=3).map(tuple), max_size=6).map(tuple)
messages = st.builds(Message, labels, rows=rows, asks_contact=st.sampled_from(["", "", "Share"]), opener=labels)


@given(messages)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_message_is_inside_the_limits(message: Message) -> None:
    try:
        check_message(RENDERER.render("US.1", message))
    except Refused as error:
        pytest.fail(error.details)


@given(st.integers(0, 60), st.integers(0, 4), st.integers(0, 12), st.integers(1, 3))
@settings(deadline=None)
def test_every_choice_is_on_one_page_and_no_page_is_too_long(choices: int, ways: int, page: int, columns: int) -> None:
    wording = Wording(TEXTS, "en", NOW, TRAITS)
    reply = Reply(
        Text("location.ask"),
        choices=tuple(Choice(f"Choice {at}", "s", str(at)) for at in range(choices)),
        ways=tuple(Choice(f"Way {at}", f"w{at}") for at in range(ways)),
        columns=columns,
    )
    seen: list[str] = []
    at = 0
    while True:
        message, menu, shown = wording.message(reply, page=at, edits="")
        placed = [button for row in message.rows for button in row]
        assert len(placed) <= MAX_ROWS
        assert [button.label for button in placed][len(placed) - ways :] == [f"Way {number}" for number in range(ways)]
        seen += [row.label for row in menu]
        if not any(button.step == PAGE_STEP and button.value == str(shown + 1) for button in placed):
            break
        at = shown + 1
    assert seen == [f"Choice {number}" for number in range(choices)]


@pytest.fixture(scope="module")
def whatsapp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, Emulated, str]]:
    folder: Path = tmp_path_factory.mktemp("redis")
    with RedisServer(folder, appendfsync="no") as server, asyncio.Runner() as runner:
        stack = AsyncExitStack()
        emulated = runner.run(stack.enter_async_context(run_emulated(server.url)))
        runner.run(emulated.ask("PUT", "/switches", {"rates": False}))
        chat = runner.run(emulated.greet())
        yield runner, emulated, chat
        runner.run(stack.aclose())


@given(messages)
@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
def test_no_message_is_ever_refused(whatsapp: tuple[asyncio.Runner, Emulated, str], message: Message) -> None:
    runner, emulated, chat = whatsapp
    assert runner.run(emulated.channel.send(chat, replace(message, reference="r" * 24)))
