"""Dead letters: found in every partition, put back once and in order, dropped for ever."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.base import Message
from bot.conversation.codec import encode_letter
from bot.inbox.dead import split_id
from bot.inbox.keys import Conversation, keys_of
from bot.redisclient import connect
from tests.bot.inbox.desk import CUSTOMER
from tests.bot.inbox.paper import Shop, open_shop


def play(redis_url: str, scenario: Callable[[Shop], Awaitable[None]]) -> None:
    async def run() -> None:
        redis = connect(redis_url)
        async with open_shop(redis) as shop:
            await scenario(shop)
        await redis.aclose()

    asyncio.run(run())


def customer(number: int) -> Conversation:
    return CUSTOMER._replace(chat=str(number))


async def stumble(shop: Shop, who: Conversation = CUSTOMER) -> str:
    """The id of the letter that it leaves."""
    await shop.say("stumble", who=who)
    await shop.rest(who)
    return (await shop.letters.list_newest(1))[0].id


def test_letters_of_all_partitions_are_listed_oldest_first_and_no_more_than_wanted(redis_url: str) -> None:
    async def scenario(shop: Shop) -> None:
        for number in range(40):
            await shop.mailbox.bury(customer(number), "event", b"e", reason="poison")
        letters = await shop.letters.list_newest(100)
        assert len(letters) == await shop.letters.count() == 40
        assert len({split_id(letter.id)[0] for letter in letters}) > 8
        assert [letter.buried_at for letter in letters] == sorted(letter.buried_at for letter in letters)
        assert datetime.now(UTC) - letters[0].buried_at < timedelta(minutes=1)
        assert [letter.id for letter in await shop.letters.list_newest(7)] == [letter.id for letter in letters[-7:]]

    play(redis_url, scenario)


def test_more_letters_than_one_page_of_a_partition_are_all_found(redis_url: str) -> None:
    async def scenario(shop: Shop) -> None:
        for _ in range(1100):
            await shop.mailbox.bury(CUSTOMER, "event", b"e", reason="poison")
        assert len({letter.id for letter in await shop.letters.list_newest(2000)}) == 1100

    play(redis_url, scenario)


def test_a_replayed_event_is_worked_on_after_what_waits_already(redis_url: str) -> None:
    async def scenario(shop: Shop) -> None:
        letter = await shop.letters.find(await stumble(shop))
        assert letter is not None
        shop.flow.is_mended = True
        await shop.say("hello")
        assert await shop.letters.replay(letter) == "REPLAYED"
        await shop.say("thanks")
        await shop.rest()
        assert [line.split(" ")[0] for line in shop.read()[1:]] == ["hello", "stumble", "thanks"]
        assert await shop.letters.count() == 0

    play(redis_url, scenario)


def test_a_letter_replayed_by_ten_at_once_is_worked_on_once(redis_url: str) -> None:
    async def scenario(shop: Shop) -> None:
        letter = await shop.letters.find(await stumble(shop))
        assert letter is not None
        shop.flow.is_mended = True
        answers = await asyncio.gather(*(shop.letters.replay(letter) for _ in range(10)))
        assert sorted(answers) == ["AGAIN"] * 9 + ["REPLAYED"]
        await shop.rest()
        assert shop.read()[1:] == ["stumble +"]
        assert await shop.letters.replay(letter) == "AGAIN"
        assert await shop.letters.was_replayed(letter.id)

    play(redis_url, scenario)


def test_an_event_that_fails_again_is_a_letter_again(redis_url: str) -> None:
    async def scenario(shop: Shop) -> None:
        first = await shop.letters.find(await stumble(shop))
        assert first is not None
        await shop.letters.replay(first)
        await shop.rest()
        [second] = await shop.letters.list_newest(10)
        assert (second.body, second.reason) == (first.body, "poison")
        assert second.id != first.id
        shop.flow.is_mended = True
        assert await shop.letters.replay(second) == "REPLAYED"

    play(redis_url, scenario)


def test_a_replay_in_the_middle_of_a_turn_waits_for_its_end(redis_url: str) -> None:
    async def scenario(shop: Shop) -> None:
        letter = await shop.letters.find(await stumble(shop))
        assert letter is not None
        shop.flow.is_mended = True
        await shop.say("hello")
        held = await shop.mailbox.claim(CUSTOMER.id)
        assert held is not None
        assert await shop.letters.replay(letter) == "REPLAYED"
        await shop.mailbox.release(held)
        await shop.rest()
        assert [line.split(" ")[0] for line in shop.read()[1:]] == ["hello", "stumble"]

    play(redis_url, scenario)


def test_a_replayed_message_is_sent_after_what_waits_to_be_sent(redis_url: str) -> None:
    async def scenario(shop: Shop) -> None:
        await shop.mailbox.bury(CUSTOMER, "message", encode_letter(Message("Booked")), reason="unsendable")
        [letter] = await shop.letters.list_newest(10)
        assert await shop.letters.replay(letter) == "REPLAYED"
        assert await shop.letters.replay(letter) == "AGAIN"
        await shop.say("hello")
        await shop.rest()
        assert shop.read() == ["Booked", "hello +"]

    play(redis_url, scenario)


@pytest.mark.parametrize("kind", ["session", "intent", "body"])
def test_what_the_conversation_went_on_without_is_not_put_back(redis_url: str, kind: str) -> None:
    async def scenario(shop: Shop) -> None:
        await shop.mailbox.bury(CUSTOMER, kind, b"x", reason="version")
        [letter] = await shop.letters.list_newest(10)
        assert await shop.letters.replay(letter) == "KEPT"
        assert await shop.letters.count() == 1
        assert await shop.redis.exists(keys_of(CUSTOMER.id).inbox, keys_of(CUSTOMER.id).outbox) == 0

    play(redis_url, scenario)


def test_a_dropped_letter_is_gone_and_cannot_be_replayed(redis_url: str) -> None:
    async def scenario(shop: Shop) -> None:
        letter = await shop.letters.find(await stumble(shop))
        assert letter is not None
        assert await shop.letters.drop(letter.id)
        assert not await shop.letters.drop(letter.id)
        assert await shop.letters.replay(letter) == "GONE"
        assert await shop.letters.find(letter.id) is None

    play(redis_url, scenario)


@pytest.mark.parametrize("text", ["", "7", "x-1-0", "16-1-0", "1-1", "1-1-0 ", f"1-{2**64}-0", "\u0661-1-0"])
def test_what_is_no_id_of_a_letter_is_said_so(text: str) -> None:
    with pytest.raises(ValueError, match="expected an id as frontdesk dead list shows it"):
        split_id(text)
