"""The channel against the emulator: who is who, what may be sent, and what became of it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from bot.channels.base import Arrival, Button, Message, Odd, Stray
from bot.conversation.contract import Said, Tapped
from bot.errors import CallStaff, OutcomeUnknown, TryAgain, Unreachable, Unsendable, WindowClosed
from bot.sandbox.whatsapp.demo import NUMBERS
from tests.bot.channels.whatsapp.emulated import NUMBER, Emulated, run_emulated, wrap

HELLO = Message("Where?", ((Button("Harbour", "location", "1"),),), reference="ref-1")
USER, OTHER_USER, PHONE, OTHER_PHONE = "US.100", "US.200", "16505551234", "16505559999"


def play(redis_url: str, scenario: Callable[[Emulated], Awaitable[None]]) -> None:
    async def run() -> None:
        async with asyncio.timeout(60), run_emulated(redis_url) as emulated:
            await scenario(emulated)

    asyncio.run(run())


def line(sender: Mapping[str, str], ident: str = "wamid.1", *, at: int = 0) -> dict[str, Any]:
    return {"id": ident, "type": "text", "timestamp": str(at), "text": {"body": "hi"}, **sender}


async def find_chat(emulated: Emulated, **sender: str) -> str:
    (arrival,) = await emulated.channel.read(wrap(messages=[line(sender)]))
    assert isinstance(arrival, Arrival)
    return arrival.chat


def status(name: str, *, reference: str = "ref-1", code: int = 0) -> dict[str, Any]:
    errors = {"errors": [{"code": code}]} if code else {}
    return {"id": "wamid.out", "status": name, "biz_opaque_callback_data": reference, **errors}


# ── Who is who ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_person_keeps_the_chat_they_were_first_met_in(redis_url: str) -> None:
    async def scenario(emulated: Emulated) -> None:
        assert await find_chat(emulated, **{"from": PHONE}) == PHONE
        assert await find_chat(emulated, **{"from": PHONE}, from_user_id=USER) == PHONE
        assert await find_chat(emulated, from_user_id=USER) == PHONE
        assert (
            await find_chat(emulated, from_user_id="US.101", from_parent_user_id="US.ENT.1", **{"from": "1999999999"}) == "US.101"
        )
        assert await find_chat(emulated, from_parent_user_id="US.ENT.1") == "US.101"

    play(redis_url, scenario)


def test_a_number_that_somebody_else_has_now_does_not_open_the_first_owner_s_chat(redis_url: str) -> None:
    async def scenario(emulated: Emulated) -> None:
        assert await find_chat(emulated, **{"from": PHONE}, from_user_id=USER) == USER
        assert await find_chat(emulated, **{"from": PHONE}, from_user_id=OTHER_USER) == OTHER_USER
        assert await find_chat(emulated, from_user_id=USER) == USER

    play(redis_url, scenario)


def test_a_new_number_and_a_new_id_lead_to_the_same_chat(redis_url: str) -> None:
    async def scenario(emulated: Emulated) -> None:
        assert await find_chat(emulated, **{"from": PHONE}, from_user_id=USER) == USER
        system = {"id": "s", "type": "system", "from": PHONE, "system": {"type": "user_changed_number", "wa_id": OTHER_PHONE}}
        update = {"user_id": {"previous": USER, "current": OTHER_USER}}
        assert await emulated.channel.read(wrap(messages=[system])) == ()
        assert await emulated.channel.read(wrap(field="user_id_update", user_id_update=[update])) == ()
        assert await find_chat(emulated, **{"from": OTHER_PHONE}, from_user_id=OTHER_USER) == USER
        assert await find_chat(emulated, **{"from": PHONE}, from_user_id="US.300") == "US.300"  # its next owner

    play(redis_url, scenario)


def test_a_number_given_to_somebody_else_opens_nothing_of_its_first_owner(redis_url: str) -> None:
    async def scenario(emulated: Emulated) -> None:
        first = await find_chat(emulated, **{"from": PHONE})
        system = {"id": "s", "type": "system", "from": PHONE, "system": {"type": "user_changed_number", "wa_id": OTHER_PHONE}}
        await emulated.channel.read(wrap(messages=[system]))
        second = await find_chat(emulated, **{"from": PHONE})
        assert second != first
        assert await find_chat(emulated, **{"from": PHONE}, from_user_id=USER) == second
        assert await find_chat(emulated, **{"from": OTHER_PHONE}) == first

    play(redis_url, scenario)


def test_a_button_goes_on_working_after_its_customer_s_id_changed(redis_url: str) -> None:
    async def scenario(emulated: Emulated) -> None:
        chat = await emulated.greet()
        await emulated.channel.send(chat, HELLO)
        [shown] = await emulated.look()
        token = shown["inline_keyboard"][0][0]["data"]
        person = emulated.emulator.platform.people[emulated.person]
        update = {"user_id": {"previous": person.user_id, "current": OTHER_USER}}
        await emulated.channel.read(wrap(field="user_id_update", user_id_update=[update]))
        tap = {"id": "t", "type": "interactive", "interactive": {"button_reply": {"id": token}}, "from_user_id": OTHER_USER}
        (arrival,) = await emulated.channel.read(wrap(messages=[tap]))
        assert isinstance(arrival, Arrival)
        assert (arrival.chat, arrival.event.body) == (chat, Tapped("location", "1", query="t"))

    play(redis_url, scenario)


def test_another_person_s_button_proves_nothing(redis_url: str) -> None:
    async def scenario(emulated: Emulated) -> None:
        await emulated.channel.send(await emulated.greet(), HELLO)
        [shown] = await emulated.look()
        token = shown["inline_keyboard"][0][0]["data"]
        tap = {"id": "t", "type": "interactive", "interactive": {"button_reply": {"id": token}}, "from_user_id": OTHER_USER}
        (arrival,) = await emulated.channel.read(wrap(messages=[tap]))
        assert isinstance(arrival, Arrival)
        assert arrival.event.body == Tapped("", query="t")

    play(redis_url, scenario)


# ── What is in a batch ───────────────────────────────────────────────────────────────────────────────────────────────


def test_one_bad_item_is_set_aside_and_can_be_read_again_alone(redis_url: str) -> None:
    async def scenario(emulated: Emulated) -> None:
        bad = {"id": "x", "type": "text", "text": "no object", "from": PHONE}
        odd, good = await emulated.channel.read(wrap(messages=[bad, line({"from": PHONE})], contacts=[{"wa_id": PHONE}]))
        assert isinstance(good, Arrival)
        assert isinstance(odd, Odd)
        assert good.event.body == Said("hi", query="wamid.1")
        (again,) = await emulated.channel.read(odd.body)
        assert isinstance(again, Odd)

    play(redis_url, scenario)


def test_what_is_for_another_number_is_handed_on_whole(redis_url: str) -> None:
    async def scenario(emulated: Emulated) -> None:
        (stray,) = await emulated.channel.read(wrap(number="7", messages=[line({"from": PHONE})], statuses=[status("sent")]))
        assert isinstance(stray, Stray)
        assert stray.account == "7"
        (arrival,) = await emulated.build(number_id="7").read(stray.body)
        assert isinstance(arrival, Arrival)
        assert arrival.digest == "wamid.1"

    play(redis_url, scenario)


@pytest.mark.parametrize("order", list(permutations(["sent", "delivered", "read"])))
def test_statuses_only_go_forward_whatever_order_they_come_in(redis_url: str, order: tuple[str, ...]) -> None:
    async def scenario(emulated: Emulated) -> None:
        for name in (*order, *order):
            assert await emulated.channel.read(wrap(statuses=[status(name)])) == ()
        assert await read_status(emulated) == b"read"

    play(redis_url, scenario)


async def read_status(emulated: Emulated) -> bytes | None:
    return await emulated.redis.hget(f"frontdesk:whatsapp:{{{NUMBER.id}}}:sent:ref-1", "st")  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("code", "is_kept"), [(131047, True), (131053, True), (131042, True), (131026, False), (130403, False), (0, True)]
)
def test_what_was_accepted_and_failed_later_is_kept_for_people_once(redis_url: str, code: int, *, is_kept: bool) -> None:
    async def scenario(emulated: Emulated) -> None:
        await emulated.channel.read(wrap(statuses=[status("sent")]))
        parts = await emulated.channel.read(wrap(statuses=[status("failed", code=code)]))
        assert [(part.reason, part.error) for part in parts if isinstance(part, Odd)] == [("undelivered", str(code))] * is_kept
        assert await emulated.channel.read(wrap(statuses=[status("failed", code=code), status("delivered")])) == ()
        assert await read_status(emulated) == b"failed"

    play(redis_url, scenario)


# ── What is sent ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_known_number_is_written_to_by_number_and_a_hidden_one_by_id(redis_url: str) -> None:
    async def scenario(emulated: Emulated) -> None:
        hidden = next(one for one in emulated.emulator.platform.people.values() if one.hides_number)
        for person in (emulated.person, hidden.id):
            assert await emulated.channel.send(await emulated.greet(person), HELLO)
            emulated.person = person
            assert len(await emulated.look()) == 1

    play(redis_url, scenario)


def test_after_24_hours_nothing_is_sent_and_nobody_is_asked(redis_url: str) -> None:
    async def scenario(emulated: Emulated) -> None:
        chat = await emulated.greet()
        emulated.emulator.platform.clock.advance(timedelta(hours=23, minutes=49))
        await emulated.channel.send(chat, HELLO)
        emulated.emulator.platform.clock.advance(timedelta(minutes=2))
        with pytest.raises(WindowClosed):
            await emulated.channel.send(chat, HELLO)
        with pytest.raises(WindowClosed):
            await emulated.channel.send("US.never-seen", HELLO)
        assert (await emulated.ask("GET", "/calls"))["by_operation"] == {"messages": 1}

    play(redis_url, scenario)


def test_a_window_that_meta_says_is_closed_stays_closed_until_somebody_writes(redis_url: str) -> None:
    async def scenario(emulated: Emulated) -> None:
        chat = await emulated.greet()
        await emulated.break_down("refuse", status=131047)
        for _ in range(2):
            with pytest.raises(WindowClosed):
                await emulated.channel.send(chat, HELLO)
        assert (await emulated.ask("GET", "/calls"))["by_operation"] == {"messages": 1}
        emulated.emulator.platform.clock.advance(timedelta(seconds=2))
        assert await emulated.channel.send(await emulated.greet(), HELLO)

    play(redis_url, scenario)


def test_an_old_message_that_comes_late_does_not_shorten_the_window(redis_url: str) -> None:
    async def scenario(emulated: Emulated) -> None:
        chat = await emulated.greet()
        person = emulated.emulator.platform.people[emulated.person]
        await emulated.channel.read(wrap(messages=[line(person.sender(), "late", at=1000)]))
        assert await emulated.channel.send(chat, HELLO)

    play(redis_url, scenario)


@pytest.mark.parametrize(
    ("code", "kind"),
    [(131056, TryAgain), (130429, TryAgain), (131026, Unreachable), (131009, Unsendable), (190, CallStaff), (131000, TryAgain)],
)
def test_a_refusal_is_raised_as_what_to_do_next(redis_url: str, code: int, kind: type[Exception]) -> None:
    async def scenario(emulated: Emulated) -> None:
        chat = await emulated.greet()
        await emulated.break_down("refuse", status=code)
        with pytest.raises(kind):
            await emulated.channel.send(chat, HELLO)

    play(redis_url, scenario)


@pytest.mark.parametrize("fault", ["cut_after", "html", "truncate", "fail_after"])
def test_a_lost_answer_is_settled_by_a_status(redis_url: str, fault: str) -> None:
    async def scenario(emulated: Emulated) -> None:
        chat = await emulated.greet()
        await emulated.break_down(fault)
        for _ in range(2):
            with pytest.raises(OutcomeUnknown):
                await emulated.channel.send(chat, HELLO)
        await emulated.channel.read(wrap(statuses=[status("delivered")]))
        assert await emulated.channel.send(chat, HELLO) == "wamid.out"
        assert (await emulated.ask("GET", "/calls"))["by_operation"] == {"messages": 1}

    play(redis_url, scenario)


def test_without_a_status_it_is_sent_again_after_a_while(redis_url: str) -> None:
    async def scenario(emulated: Emulated) -> None:
        chat = await emulated.greet()
        await emulated.break_down("cut_before")
        with pytest.raises(OutcomeUnknown):
            await emulated.channel.send(chat, HELLO)
        emulated.emulator.platform.clock.advance(timedelta(seconds=91))
        assert await emulated.channel.send(chat, HELLO)
        assert len(await emulated.look()) == 1

    play(redis_url, scenario)


def test_a_lost_answer_whose_message_failed_is_not_sent_again(redis_url: str) -> None:
    async def scenario(emulated: Emulated) -> None:
        chat = await emulated.greet()
        await emulated.break_down("cut_after")
        with pytest.raises(OutcomeUnknown):
            await emulated.channel.send(chat, HELLO)
        await emulated.channel.read(wrap(statuses=[status("failed", code=131026)]))
        with pytest.raises(Unreachable):
            await emulated.channel.send(chat, HELLO)

    play(redis_url, scenario)


def test_a_read_mark_shows_somebody_typing_and_an_unknown_one_harms_nobody(redis_url: str) -> None:
    async def scenario(emulated: Emulated) -> None:
        await emulated.greet()
        room = await emulated.ask("GET", f"/{NUMBER.id}/chats/{emulated.person}")
        person = emulated.emulator.platform.people[emulated.person]
        said = line(person.sender(), room["messages"][0]["message_id"])
        (arrival,) = await emulated.channel.read(wrap(messages=[said]))
        assert isinstance(arrival, Arrival)
        await emulated.channel.acknowledge(arrival.event)
        room = await emulated.ask("GET", f"/{NUMBER.id}/chats/{emulated.person}")
        assert room["is_typing"]
        (strange,) = await emulated.channel.read(wrap(messages=[line({"from_user_id": USER}, "wamid.unknown")]))
        assert isinstance(strange, Arrival)
        await emulated.channel.acknowledge(strange.event)

    play(redis_url, scenario)


def test_two_numbers_know_nothing_of_each_other_s_people(redis_url: str) -> None:
    async def scenario(emulated: Emulated) -> None:
        chat = await emulated.greet()
        other = emulated.build(slug="clinic", number_id=str(NUMBERS[1].id), access_token=NUMBERS[1].token)
        with pytest.raises(WindowClosed):
            await other.send(chat, HELLO)

    play(redis_url, scenario)
