"""What cannot be worked on is given up on: with its reason, honestly, and without holding up anything behind it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.channels.base import Message
from bot.conversation.codec import Intent, decode_session, encode_event, encode_intent, encode_letter, encode_session
from bot.conversation.contract import Event, Said, Session
from bot.conversation.versions import EVENT, INTENT, MESSAGE, SESSION, Format
from bot.inbox.keys import keys_of
from bot.inbox.mailbox import Step
from bot.redisclient import connect
from tests.bot.conversation.test_saga import REQUEST
from tests.bot.inbox.desk import CUSTOMER
from tests.bot.inbox.paper import STAFF, Shop, open_shop

POISON = "Something went wrong on our side with what you just sent"
LOST = "I had something to tell you here and could not send it."
RESTARTED = "I have been changed in the meantime"
UNSETTLED = "I could not find out whether the booking you confirmed worked."
AT_ONCE = timedelta(0)


def play(
    redis_url: str, scenario: Callable[[Shop], Awaitable[None]], *, newer_patience: timedelta = timedelta(minutes=10)
) -> None:
    async def run() -> None:
        redis = connect(redis_url)
        async with open_shop(redis, newer_patience=newer_patience) as shop, asyncio.timeout(30):
            await scenario(shop)
        await redis.aclose()

    asyncio.run(run())


def to_version(body: bytes, kind: Format, version: int) -> bytes:
    return b"%d %s" % (version, body.removeprefix(kind.mark))


async def leave(shop: Shop, step: Step) -> None:
    """What a worker wrote before it died or was replaced."""
    await shop.put(b"anything")
    held = await shop.mailbox.claim(CUSTOMER.id)
    assert held is not None
    if await shop.mailbox.commit(held, replace(step, eaten=1)):
        await shop.mailbox.release(held)


def test_an_event_that_fails_again_and_again_is_a_dead_letter_and_the_next_is_answered(redis_url: str) -> None:
    async def scenario(shop: Shop) -> None:
        for line in ("stumble", "hello", "again"):
            await shop.say(line)
        await shop.rest()
        apology, *answers = shop.read()
        assert apology.startswith(POISON)
        assert answers == ["hello +", "again ++"]
        [letter] = await shop.letters.list_newest(10)
        assert (letter.kind, letter.reason, letter.error) == ("event", "poison", "LookupError")
        assert letter.body == encode_event(Event(Said("stumble")))
        labels = [button.label for row in shop.channel.sent[0][1].rows for button in row]
        assert labels == ["Talk to a person", "Go on"]
        assert shop.registry.get_sample_value("frontdesk_dead_letters_total", {"kind": "event", "reason": "poison"}) == 1

    play(redis_url, scenario)


def test_what_no_version_has_written_is_poison_too(redis_url: str) -> None:
    async def scenario(shop: Shop) -> None:
        await shop.put(b"{}")
        await shop.put(EVENT.mark + b'{"body": {"kind": "sung"}}')
        await shop.say("hello")
        await shop.rest()
        assert [line[:9] for line in shop.read()] == ["Something", "Something", "hello +"]
        assert {letter.error for letter in await shop.letters.list_newest(10)} == {"ValueError", "ValidationError"}

    play(redis_url, scenario)


def test_a_poisoned_line_for_staff_leaves_their_chat_quiet(redis_url: str) -> None:
    async def scenario(shop: Shop) -> None:
        await shop.put(b"{}", who=STAFF)
        await shop.say("Booked", who=STAFF, told=True)
        await shop.rest(STAFF)
        assert shop.read(STAFF) == ["Booked +"]
        assert [letter.conversation for letter in await shop.letters.list_newest(10)] == [STAFF]

    play(redis_url, scenario)


@pytest.mark.parametrize(("word", "reason", "error"), [("refused", "unsendable", "400 text"), ("broken", "poison", "KeyError")])
def test_a_message_that_cannot_be_sent_is_owned_up_to_and_holds_up_nothing(
    redis_url: str, word: str, reason: str, error: str
) -> None:
    async def scenario(shop: Shop) -> None:
        await shop.say(word)
        await shop.say("hello")
        await shop.rest()
        assert sorted(line[:20] for line in shop.read()) == [LOST[:20], "hello ++"]
        [letter] = await shop.letters.list_newest(10)
        assert (letter.kind, letter.reason) == ("message", reason)
        assert letter.error.startswith(error)
        assert word.encode() in letter.body

    play(redis_url, scenario)


def test_answers_lost_on_the_way_never_make_a_message_poison(redis_url: str) -> None:
    async def scenario(shop: Shop) -> None:
        shop.channel.losses = 8
        await leave(shop, Step(messages=[encode_letter(Message("lost"))]))
        while not shop.read():
            await let_be_due(shop)
            await shop.turns.run(CUSTOMER.id)
        assert shop.read() == ["lost"]
        assert await shop.letters.count() == 0

    play(redis_url, scenario)


def test_a_booking_that_nobody_can_read_is_told_to_staff_and_customer_as_far_as_it_is_known(redis_url: str) -> None:
    async def scenario(shop: Shop) -> None:
        await leave(shop, Step(intent=encode_intent(Intent(REQUEST)).replace(b'"begun"', b'"whistled"')))
        await shop.say("hello")
        await shop.rest()
        assert shop.read() == ["gave_up +", "hello ++"]
        assert await shop.record("i") == b""
        [letter] = await shop.letters.list_newest(10)
        assert (letter.kind, letter.reason, letter.error) == ("intent", "poison", "ValidationError")

    play(redis_url, scenario)


def test_a_mistake_of_ours_in_the_middle_of_a_booking_is_looked_up_like_a_lost_answer(redis_url: str) -> None:
    async def scenario(shop: Shop) -> None:
        shop.vendor.failures, shop.vendor.applies = [KeyError("a field that is not there")], [True]  # type: ignore[list-item]
        await leave(shop, Step(intent=encode_intent(Intent(REQUEST))))
        await shop.work(until=lambda: len(shop.read()) == 1)
        await shop.say("hello")
        await shop.work(until=lambda: len(shop.read()) == 3)
        assert sorted(line.split(" ")[0] for line in shop.read()) == ["booked", "hello", "unclear"]
        assert (shop.vendor.calls, len(shop.vendor.made)) == (1, 1)
        assert await shop.record("i") == b""
        assert shop.registry.get_sample_value("frontdesk_turns_total", {"end": "failed"}) in (None, 0.0)

    play(redis_url, scenario)


def test_a_booking_of_which_nothing_can_be_read_leaves_an_honest_word(redis_url: str) -> None:
    async def scenario(shop: Shop) -> None:
        await leave(shop, Step(intent=b"scribble"))
        await shop.rest()
        [line] = shop.read()
        assert line.startswith(UNSETTLED)
        assert [letter.body for letter in await shop.letters.list_newest(10)] == [b"scribble"]

    play(redis_url, scenario)


def test_a_session_that_nobody_can_read_is_kept_aside_and_the_conversation_begins_again(redis_url: str) -> None:
    async def scenario(shop: Shop) -> None:
        await leave(shop, Step(session=SESSION.mark + b"[]"))
        await shop.say("hello")
        await shop.rest()
        assert [line[:15] for line in shop.read()] == [RESTARTED[:15], POISON[:15]]
        assert {letter.kind for letter in await shop.letters.list_newest(10)} == {"session", "event"}
        await shop.say("hello")
        await shop.rest()
        assert shop.read()[-1] == "hello +"

    play(redis_url, scenario)


NEWER = {
    "event": encode_event(Event(Said("from tomorrow"))),
    "session": encode_session(Session(name="Mia")),
    "message": encode_letter(Message("from tomorrow")),
    "intent": encode_intent(Intent(REQUEST)),
}
FORMATS = {"event": EVENT, "session": SESSION, "message": MESSAGE, "intent": INTENT}


async def leave_newer(shop: Shop, kind: str) -> bytes:
    body = to_version(NEWER[kind], FORMATS[kind], FORMATS[kind].version + 1)
    match kind:
        case "event":
            await shop.put(body)
        case "session":
            await leave(shop, Step(session=body))
        case "message":
            await leave(shop, Step(messages=[body]))
        case "intent":
            await leave(shop, Step(intent=body))
    await shop.say("hello")
    return body


@pytest.mark.parametrize("kind", NEWER)
def test_what_a_newer_version_wrote_is_left_to_it_untouched(redis_url: str, kind: str) -> None:
    async def scenario(shop: Shop) -> None:
        await leave_newer(shop, kind)
        before = await snapshot(shop)
        for _ in range(10):
            await let_be_due(shop)
            await shop.turns.run(CUSTOMER.id)
        assert shop.read() == []
        assert await snapshot(shop) == before
        assert await shop.letters.count() == 0
        assert int(await shop.record("tr")) == 0, "ten claims, and none counts as a failure"
        assert shop.registry.get_sample_value("frontdesk_turns_total", {"end": "too_new"}) == 10

    play(redis_url, scenario)


async def snapshot(shop: Shop) -> list[object]:
    keys = keys_of(CUSTOMER.id)
    waiting = [await shop.redis.lrange(keys.inbox, 0, -1), await shop.redis.lrange(keys.outbox, 0, -1)]
    return [*waiting, *[await shop.record(name) for name in ("s", "i", "v")]]


async def let_be_due(shop: Shop) -> None:
    await shop.redis.hset(keys_of(CUSTOMER.id).record, "nb", 0)


@pytest.mark.parametrize("kind", NEWER)
def test_when_no_newer_worker_comes_the_customer_is_not_left_waiting(redis_url: str, kind: str) -> None:
    async def scenario(shop: Shop) -> None:
        body = await leave_newer(shop, kind)
        await shop.turns.run(CUSTOMER.id)
        await shop.rest()
        first = {"event": POISON, "session": RESTARTED, "message": LOST, "intent": "gave_up +"}[kind]
        assert any(line.startswith(first) for line in shop.read())
        assert any(line.startswith("hello +") for line in shop.read())
        [letter] = await shop.letters.list_newest(10)
        assert (letter.kind, letter.reason, letter.body) == (kind, "version", body)
        assert letter.error == f"{kind} of version {FORMATS[kind].version + 1}"

    play(redis_url, scenario, newer_patience=AT_ONCE)


def test_the_waiting_for_a_newer_worker_is_counted_over_all_claims_since_the_last_commit(redis_url: str) -> None:
    async def scenario(shop: Shop) -> None:
        await leave_newer(shop, "event")
        claims = 0
        while not shop.read():
            await shop.turns.run(CUSTOMER.id)
            claims += 1
        assert claims > 1
        assert shop.read()[0].startswith(POISON)
        await shop.rest()
        await leave_newer(shop, "event")
        await shop.turns.run(CUSTOMER.id)
        assert len(shop.read()) == 2, "the next one is waited for anew"

    play(redis_url, scenario, newer_patience=timedelta(milliseconds=100))


def test_a_booking_under_way_survives_a_session_that_cannot_be_read(redis_url: str) -> None:
    async def scenario(shop: Shop) -> None:
        newer = to_version(NEWER["session"], SESSION, SESSION.version + 1)
        await leave(shop, Step(session=newer, intent=encode_intent(Intent(REQUEST)), look_after=timedelta(hours=1)))
        await shop.say("hello")
        await shop.work(until=lambda: len(shop.read()) == 2)
        assert "still being looked after" in shop.read()[0]
        assert decode_session(await shop.record("s")).pending == REQUEST
        assert await shop.record("i") != b""

    play(redis_url, scenario, newer_patience=AT_ONCE)
