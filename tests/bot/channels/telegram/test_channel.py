import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from multidict import CIMultiDict

from bot.channels.base import Arrival, Button, Channel, Message
from bot.channels.telegram import Telegram, TelegramSettings
from bot.channels.tokens import TokenCodec, derive_secret
from bot.conversation.contract import Event, Said, Tapped
from bot.errors import CallStaff, ChatMoved, FrontdeskError, OutcomeUnknown, TryAgain, Unreachable, Unsendable
from tests.bot.channels.telegram.emulated import GROUP, LONGEST_WAIT, SECRET, Emulated, run_emulated

HEADER = "X-Telegram-Bot-Api-Secret-Token"
HELLO = Message("Hi")
TIMES = (
    (Button("17:00", "time", "17:00"), Button("18:00", "time", "18:00")),
    (Button("Book", "confirm", style="primary"), Button("Cancel", "cancel", style="danger")),
)


def in_emulated(scenario: Callable[[Emulated], Awaitable[None]], **wish: Any) -> None:
    async def run() -> None:
        async with run_emulated(**wish) as emulated:
            await scenario(emulated)

    asyncio.run(run())


def with_channel(settings: TelegramSettings, check: Callable[[Telegram], None]) -> None:
    async def run() -> None:
        async with aiohttp.ClientSession() as session:
            check(Telegram(settings, session))

    asyncio.run(run())


def test_it_is_a_channel() -> None:
    def check(channel: Channel) -> None:
        assert channel.traits.slug == "telegram"
        assert channel.traits.can_edit

    with_channel(TelegramSettings("harbour", "1:x"), check)


# ── Sending ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_message_with_buttons_arrives_as_written() -> None:
    async def scenario(emulated: Emulated) -> None:
        sent = await emulated.channel.send(emulated.chat, Message("When? <b>Now</b> & *then*", TIMES))
        (shown,) = await emulated.look()
        assert (str(shown["message_id"]), shown["text"], shown["silent"]) == (sent, "When? <b>Now</b> & *then*", False)
        labels = [[(button["text"], button["style"]) for button in row] for row in shown["inline_keyboard"]]
        assert labels == [[("17:00", ""), ("18:00", "")], [("Book", "primary"), ("Cancel", "danger")]]
        (call,) = await emulated.list_calls("sendMessage")
        assert call["params"]["link_preview_options"] == {"is_disabled": True}

    in_emulated(scenario)


def test_a_silent_message_makes_no_sound() -> None:
    async def scenario(emulated: Emulated) -> None:
        await emulated.channel.send(emulated.chat, Message("FYI", is_silent=True))
        (shown,) = await emulated.look()
        assert shown["silent"]

    in_emulated(scenario)


def test_an_edit_changes_text_and_buttons_in_place() -> None:
    async def scenario(emulated: Emulated) -> None:
        sent = await emulated.channel.send(emulated.chat, Message("Which day?", TIMES))
        edited = await emulated.channel.send(emulated.chat, Message("Which time?", TIMES[:1], edits=sent))
        (shown,) = await emulated.look()
        assert (edited, shown["text"], len(shown["inline_keyboard"])) == (sent, "Which time?", 1)

    in_emulated(scenario)


def test_an_edit_without_buttons_takes_them_away() -> None:
    async def scenario(emulated: Emulated) -> None:
        sent = await emulated.channel.send(emulated.chat, Message("Which day?", TIMES))
        await emulated.channel.send(emulated.chat, Message("Booked.", edits=sent))
        (shown,) = await emulated.look()
        assert (shown["text"], shown["inline_keyboard"]) == ("Booked.", [])

    in_emulated(scenario)


def test_an_edit_that_changes_nothing_is_a_success() -> None:
    async def scenario(emulated: Emulated) -> None:
        sent = await emulated.channel.send(emulated.chat, Message("Which day?", TIMES))
        assert await emulated.channel.send(emulated.chat, Message("Which day?", TIMES, edits=sent)) == sent
        assert len(await emulated.look()) == 1

    in_emulated(scenario)


@pytest.mark.parametrize("edits", ["999999", "not-an-id"])
def test_a_message_that_cannot_be_edited_is_sent_anew(edits: str) -> None:
    async def scenario(emulated: Emulated) -> None:
        sent = await emulated.channel.send(emulated.chat, Message("Which day?", TIMES, edits=edits))
        (shown,) = await emulated.look()
        assert (str(shown["message_id"]), shown["text"]) == (sent, "Which day?")

    in_emulated(scenario)


def test_somebody_elses_message_is_not_edited_but_answered() -> None:
    async def scenario(emulated: Emulated) -> None:
        await emulated.act("say", text="hello")
        room = await emulated.ask("GET", f"1001/chats/{emulated.chat}")
        theirs = str(room["messages"][-1]["message_id"])
        assert await emulated.channel.send(emulated.chat, Message("Hi", edits=theirs)) != theirs

    in_emulated(scenario)


def test_a_contact_is_asked_for_by_a_keyboard_with_the_choices_as_shortcuts() -> None:
    async def scenario(emulated: Emulated) -> None:
        old = await emulated.channel.send(emulated.chat, Message("Which day?", TIMES))
        ask = Message("Your number?", ((Button("Back", "back"),),), edits=old, asks_contact="Share my number")
        assert await emulated.channel.send(emulated.chat, ask) != old
        keyboard = (await emulated.ask("GET", f"1001/chats/{emulated.chat}"))["reply_keyboard"]
        assert [[(key["text"], key["request_contact"]) for key in row] for row in keyboard["rows"]] == [
            [("Share my number", True)],
            [("Back", False)],
        ]
        assert keyboard["one_time"]
        (call,) = [call for call in await emulated.list_calls("sendMessage") if "keyboard" in call["params"]["reply_markup"]]
        assert call["params"]["reply_markup"]["resize_keyboard"]

    in_emulated(scenario)


def test_a_group_is_never_asked_for_a_contact() -> None:
    async def scenario(emulated: Emulated) -> None:
        await emulated.channel.send(GROUP, Message("Number?", TIMES, asks_contact="Share"))
        (shown,) = await emulated.look(GROUP)
        assert shown["inline_keyboard"][0][0]["text"] == "17:00"

    in_emulated(scenario)


# ── Failing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def fail(emulated: Emulated, message: Message = HELLO, *, chat: str = "") -> FrontdeskError:
    with pytest.raises(FrontdeskError) as caught:
        await emulated.channel.send(chat or emulated.chat, message)
    assert caught.value.source == "telegram"
    return caught.value


def test_who_blocked_the_bot_is_unreachable() -> None:
    async def scenario(emulated: Emulated) -> None:
        await emulated.act("block")
        assert type(await fail(emulated)) is Unreachable
        await emulated.act("unblock")
        assert await emulated.channel.send(emulated.chat, Message("Welcome back"))

    in_emulated(scenario)


@pytest.mark.parametrize("chat", ["", "123456", "-1009999"])
def test_who_never_started_or_does_not_exist_is_unreachable(chat: str) -> None:
    async def scenario(emulated: Emulated) -> None:
        assert type(await fail(emulated, chat=chat)) is Unreachable

    in_emulated(scenario, starts=False)


def test_a_deleted_account_is_unreachable() -> None:
    async def scenario(emulated: Emulated) -> None:
        await emulated.ask("PUT", f"people/{emulated.person}", {"deactivated": True})
        assert type(await fail(emulated)) is Unreachable

    in_emulated(scenario)


@pytest.mark.parametrize("status", ["kicked", "left", "deleted"])
def test_a_lost_group_is_unreachable(status: str) -> None:
    async def scenario(emulated: Emulated) -> None:
        await emulated.act("group", chat=GROUP, status=status)
        assert type(await fail(emulated, chat=GROUP)) is Unreachable

    in_emulated(scenario)


def test_an_upgraded_group_has_a_new_chat_that_can_be_written_to() -> None:
    async def scenario(emulated: Emulated) -> None:
        new = (await emulated.ask("POST", f"1001/chats/{GROUP}/migrate", {}))["chat_id"]
        error = await fail(emulated, chat=GROUP)
        assert isinstance(error, ChatMoved)
        assert error.new_chat == str(new)
        assert await emulated.channel.send(error.new_chat, Message("Hi"))

    in_emulated(scenario)


def test_flood_control_is_obeyed_not_fought() -> None:
    async def scenario(emulated: Emulated) -> None:
        await emulated.break_down("sendMessage", "rate_limit", seconds=7)
        error = await fail(emulated)
        assert isinstance(error, TryAgain)
        assert error.after == timedelta(seconds=7)

    in_emulated(scenario)


def test_the_burst_we_allow_ourselves_is_not_refused() -> None:
    async def scenario(emulated: Emulated) -> None:
        for chat in (emulated.chat, GROUP):
            for _ in range(emulated.channel.pace(chat).burst):
                await emulated.channel.send(chat, Message("Hi"))

    in_emulated(scenario, flood=True)


@pytest.mark.parametrize("edits", [False, True])
@pytest.mark.parametrize("kind", ["refuse", "fail_after", "cut_before", "cut_after", "html", "truncate"])
def test_an_answer_that_got_lost_leaves_the_outcome_unknown(kind: str, edits: bool) -> None:
    async def scenario(emulated: Emulated) -> None:
        sent = await emulated.channel.send(emulated.chat, Message("Hi")) if edits else ""
        await emulated.break_down("editMessageText" if edits else "sendMessage", kind)
        assert type(await fail(emulated, Message("Hello", edits=sent))) is OutcomeUnknown

    in_emulated(scenario)


@pytest.mark.parametrize("kind", ["slow_before", "slow_after"])
def test_an_answer_that_does_not_come_in_time_leaves_the_outcome_unknown(kind: str) -> None:
    async def scenario(emulated: Emulated) -> None:
        await emulated.break_down("sendMessage", kind, seconds=2)
        assert type(await fail(emulated)) is OutcomeUnknown

    in_emulated(scenario, timeout=timedelta(seconds=0.5))


@pytest.mark.parametrize("token", ["1001:revoked", "4711:unknown", "no-token"])
def test_a_refused_token_is_for_a_person_to_mend(token: str) -> None:
    async def scenario(emulated: Emulated) -> None:
        with pytest.raises(CallStaff):
            await emulated.rebuild(token=token).send(emulated.chat, Message("Hi"))

    in_emulated(scenario)


@pytest.mark.parametrize(
    ("chat", "button"),
    [("", Button("x", "time", "v" * 60)), ("", Button("x", "much-too-long")), ("@harbour", Button("x", "time"))],
)
def test_what_cannot_be_rendered_is_a_mistake_of_ours_and_is_not_sent(chat: str, button: Button) -> None:
    async def scenario(emulated: Emulated) -> None:
        error = await fail(emulated, Message("Hi", ((button,),)), chat=chat)
        assert type(error) is Unsendable
        assert "vvv" not in str(error)
        assert await emulated.list_calls("sendMessage") == []

    in_emulated(scenario)


# ── Taps ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_spinner_is_stopped() -> None:
    async def scenario(emulated: Emulated) -> None:
        tap = await press(emulated)
        await emulated.channel.acknowledge(tap)
        (call,) = await emulated.list_calls("answerCallbackQuery")
        assert call["ok"]

    in_emulated(scenario)


def test_stopping_a_spinner_too_late_or_in_vain_is_harmless() -> None:
    async def scenario(emulated: Emulated) -> None:
        await emulated.channel.acknowledge(Event(Tapped("time", query="1")))
        await emulated.channel.acknowledge(Event(Tapped("time", query="")))
        await emulated.channel.acknowledge(Event(Said("hello")))
        (call,) = await emulated.list_calls("answerCallbackQuery")
        assert "too old" in call["description"]
        for kind in ("cut_before", "html", "truncate", "rate_limit"):
            await emulated.break_down("answerCallbackQuery", kind)
            await emulated.channel.acknowledge(Event(Tapped("time", query="1")))
        await emulated.rebuild(token="4711:unknown").acknowledge(Event(Tapped("time", query="1")))

    in_emulated(scenario)


async def press(emulated: Emulated) -> Event:
    sent = await emulated.channel.send(emulated.chat, Message("When?", TIMES))
    await emulated.act("tap", message_id=int(sent), row=0, column=1)
    return await take_last(emulated.channel)


async def take_last(channel: Telegram) -> Event:
    """The newest event that one round of polling brings."""
    arrived: asyncio.Future[Event] = asyncio.get_running_loop().create_future()

    async def store(arrivals: tuple[Arrival, ...]) -> None:
        if not arrived.done():
            arrived.set_result(arrivals[-1].event)

    polling = asyncio.create_task(channel.poll(store))
    try:
        return await asyncio.wait_for(arrived, LONGEST_WAIT)
    finally:
        polling.cancel()


def test_a_tap_comes_back_as_the_button_was_made() -> None:
    async def scenario(emulated: Emulated) -> None:
        body = (await press(emulated)).body
        assert isinstance(body, Tapped)
        assert (body.step, body.value) == ("time", "18:00")

    in_emulated(scenario)


@pytest.mark.parametrize(("known", "expected"), [((), ("", "")), (("1001:older",), ("time", "18:00"))])
def test_buttons_of_a_revoked_token_work_as_long_as_it_is_known(known: tuple[str, ...], expected: tuple[str, str]) -> None:
    async def scenario(emulated: Emulated) -> None:
        sent = await emulated.channel.send(emulated.chat, Message("When?", TIMES))
        old = TokenCodec(derive_secret("1001:older", "harbour")).seal(emulated.chat, "time", "18:00")
        await emulated.act("tap", message_id=int(sent), data=old)
        body = (await take_last(emulated.rebuild(previous_tokens=known))).body
        assert isinstance(body, Tapped)
        assert (body.step, body.value) == expected

    in_emulated(scenario)


# ── The webhook's door ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("secrets", "given", "expected"),
    [
        ((SECRET,), SECRET, True),
        ((SECRET,), "", False),
        ((SECRET,), None, False),
        ((SECRET,), SECRET + "x", False),
        ((SECRET,), "größe\udcff", False),
        (("new", "old"), "old", True),
        (("new", "old"), "new", True),
        (("new", "old"), "older", False),
        ((), "", False),
        ((), None, False),
        (("",), "", False),
        (("", SECRET), "", False),
    ],
)
def test_only_the_secret_opens_the_door(secrets: tuple[str, ...], given: str | None, expected: bool) -> None:
    headers = CIMultiDict({HEADER.lower(): given} if given is not None else {})

    def check(channel: Telegram) -> None:
        assert channel.is_authentic(b"{}", headers) is expected

    with_channel(TelegramSettings("harbour", "1:x", webhook_secrets=secrets), check)


def test_a_group_is_written_to_more_slowly_than_a_person() -> None:
    def check(channel: Telegram) -> None:
        assert channel.pace("5000000001").interval == timedelta(seconds=1)
        assert channel.pace("-1001").interval == timedelta(seconds=3)

    with_channel(TelegramSettings("harbour", "1:x"), check)


def test_the_pace_is_the_settings_and_a_groups_three_times_slower() -> None:
    def check(channel: Telegram) -> None:
        assert channel.pace("5000000001").interval == timedelta(seconds=2)
        assert channel.pace("-1001").interval == timedelta(seconds=6)

    with_channel(TelegramSettings("harbour", "1:x", pace=timedelta(seconds=2)), check)
