"""What a pressed button proves: of another chat, bot or business, altered or used up, it changes nothing and is answered."""

import random
from typing import Any

from bot.channels.tokens import TokenCodec, derive_secret
from bot.conversation.codec import decode_session
from bot.conversation.contract import Session
from bot.inbox.keys import Conversation, keys_of
from bot.redisclient import connect
from bot.sandbox.telegram.demo import CLINIC_TOKEN, HARBOUR_TOKEN
from tests.journeys.talk import BOT, CLINIC, Customer, House, _fingerprint, play, wait_until

BITS = 48
"""Bits flipped, one in each tap, of the 300 or so that a token has."""
INACTIVE = "That button is no longer active."
BUSINESSES = {BOT: "harbour", CLINIC: "clinic"}


async def press(customer: Customer, data: str, *, message: int = 1) -> None:
    """A tap as a modified client makes it: what it carries is up to the client."""
    await customer.until(lambda _: True, "an answer")
    customer._before = _fingerprint(await customer.room())
    await tap_blindly(customer, data, message=message)


async def tap_blindly(customer: Customer, data: str, *, message: int = 1) -> None:
    person = {"id": customer.chat, "is_bot": False, "first_name": "Eve"}
    under = {"message_id": message, "chat": {"id": customer.chat, "type": "private"}, "date": 0}
    query: dict[str, Any] = {
        "id": str(random.randrange(10**15)),
        "from": person,
        "message": under,
        "chat_instance": "1",
        "data": data,
    }
    await customer.house.control("POST", f"/telegram/{customer.bot}/updates", callback_query=query)


async def remember(customer: Customer) -> Session:
    """What the bot has stored of the conversation, without what is on the screen."""
    assert customer.house.settings is not None
    assert customer.house.settings.redis.url is not None
    redis = connect(customer.house.settings.redis.url.get_secret_value())
    keys = keys_of(Conversation(BUSINESSES[customer.bot], "telegram", str(customer.chat)).id)
    stored = await redis.hget(keys.record, "s")
    await redis.aclose()
    assert isinstance(stored, bytes)
    session = decode_session(stored)
    session.menu, session.page, session.misunderstood = (), 0, 0
    return session


async def lead_to_summary(house: House, name: str, phone: str) -> Customer:
    customer = await house.customer(name, phone=phone)
    await customer.says("/start")
    for choice in ("Harbour", "Haircut", "Anyone", "First free", "Share my number"):
        await customer.taps(choice)
    await customer.reads("Book it?")
    return customer


async def find_confirm(customer: Customer) -> str:
    return str((await customer.button("Book "))["data"])


def test_the_button_of_another_customer_books_nothing_for_either() -> None:
    async def scenario(house: House) -> None:
        mia = await lead_to_summary(house, "Mia", "+351912345678")
        noah = await lead_to_summary(house, "Noah", "+351912345679")
        of_mia, of_noah = await find_confirm(mia), await remember(noah)
        before = await remember(mia)
        await press(noah, of_mia)
        await noah.reads(INACTIVE, "Book it?")
        assert await remember(noah) == of_noah
        assert await remember(mia) == before
        assert await house.appointments() == []
        await mia.taps("Book ")  # hers works as ever
        await mia.reads("Booked:")
        assert [made["guest_name"] for made in await house.appointments()] == ["Mia Chen"]

    play(scenario)


def test_a_button_means_nothing_to_another_business() -> None:
    async def scenario(house: House) -> None:
        mia = await lead_to_summary(house, "Mia", "+351912345678")
        there = Customer(house, mia.chat, CLINIC)
        await there.says("/start")
        await there.reads("")
        before = await remember(there)
        await press(there, await find_confirm(mia))
        await there.reads(INACTIVE)
        assert await remember(there) == before
        assert await house.appointments() == []

    play(scenario)


def test_a_button_sealed_with_any_other_secret_means_nothing() -> None:
    async def scenario(house: House) -> None:
        mia = await lead_to_summary(house, "Mia", "+351912345678")
        chat, true = str(mia.chat), TokenCodec(derive_secret(HARBOUR_TOKEN, "harbour"))
        step, value = true.open(chat, await find_confirm(mia)) or ("", "")
        assert step == "confirm"
        before = await remember(mia)
        for token, slug in (
            (HARBOUR_TOKEN, "clinic"),
            (CLINIC_TOKEN, "harbour"),
            (HARBOUR_TOKEN[:-1], "harbour"),
            ("1001:", "harbour"),
        ):
            await press(mia, TokenCodec(derive_secret(token, slug)).seal(chat, step, value))
            await mia.reads(INACTIVE, "Book it?")
        for data in (f"{step}:{value}", f"{'A' * 12}{step}:{value}", "", "x" * 64, true.seal(chat + "0", step, value)):
            await press(mia, data)
            await mia.reads(INACTIVE, "Book it?")
        assert await remember(mia) == before
        assert await house.appointments() == []

    play(scenario)


def test_a_button_altered_in_any_bit_means_nothing() -> None:
    async def scenario(house: House) -> None:
        mia = await lead_to_summary(house, "Mia", "+351912345678")
        data, before = await find_confirm(mia), await remember(mia)
        places = [(at, bit) for at in range(len(data)) for bit in range(7)]
        for at, bit in random.Random(1).sample(places, BITS):
            await tap_blindly(mia, data[:at] + chr(ord(data[at]) ^ 1 << bit) + data[at + 1 :])
        for altered in (data[:-1], data[1:], data + "A", data.swapcase(), data + "\u200b", data.replace(":", "::", 1)):
            await tap_blindly(mia, altered)

        async def are_answered() -> bool:
            return sum(INACTIVE in line for line in await mia.lines()) == BITS + 6

        await wait_until(are_answered, "an answer to every tap")
        assert await remember(mia) == before
        assert await house.appointments() == []

    play(scenario)


def test_a_used_button_pressed_again_books_nothing_and_says_so() -> None:
    async def scenario(house: House) -> None:
        mia = await lead_to_summary(house, "Mia", "+351912345678")
        data = await find_confirm(mia)
        await mia.taps("Book ")
        await mia.reads("Booked:")
        before = await remember(mia)
        for _ in range(3):
            await press(mia, data)
            await mia.reads("You have used that button already")
            await house.wait(days=1)
        assert await remember(mia) == before
        assert len(await house.appointments()) == 1

    play(scenario)


def test_a_button_that_was_never_made_like_this_is_answered_too() -> None:
    async def scenario(house: House) -> None:
        mia = await lead_to_summary(house, "Mia", "+351912345678")
        codec = TokenCodec(derive_secret(HARBOUR_TOKEN, "harbour"))
        for step, value in (
            ("page", "²"),
            ("page", "9" * 30),
            ("time", "9999-12-31T23:59"),
            ("service", "../guests"),
            ("nothing", "x"),
        ):
            await press(mia, codec.seal(str(mia.chat), step, value))
            await mia.reads("")
        assert await house.appointments() == []

    play(scenario)
