"""S9: updates that come several times, all at once, or in the wrong order: each does its work once."""

import asyncio

import pytest

from tests.journeys.talk import House, play, wait_until

BOOKED = "Booked: today, Monday 1 March, 13:00 with Tomás Ferreira at Harbour (Lisbon time), Haircut & finish. See you there!"


def count_booked(lines: list[str]) -> int:
    return len([line for line in lines if line.startswith("Booked: ")])


@pytest.mark.parametrize("is_at_once", [False, True], ids=["one after the other", "all at once"])
def test_every_update_delivered_four_times_is_answered_once(is_at_once: bool) -> None:
    async def scenario(house: House) -> None:
        await house.control("PUT", "/telegram/delivery", duplicates=3, concurrent_duplicates=is_at_once)
        mia = await house.customer("Mia", phone="+351912345678")
        await mia.says("/start")
        await mia.taps("Harbour")
        await mia.says("haircut")
        await mia.taps("Anyone")
        await mia.taps("First free")
        await mia.taps("Share my number")
        await mia.taps("Book 13:00")
        assert await mia.reads("Booked") == BOOKED
        await house.staff().reads("Booked")
        await wait_until(lambda: has_taken(house, "200", 7 * 4), "every repetition")
        assert count_booked(await mia.lines()) == 1
        assert len(await house.staff().lines()) == 1
        assert len(await house.appointments()) == 1
        # Prompts are edited in place: one message per thing that was typed, shared or told.
        assert len(await mia.lines()) == 5

    play(scenario)


async def has_taken(house: House, answer: str, times: int) -> bool:
    return await house.metric("frontdesk_webhooks_total", answer=answer) >= times


def test_three_messages_in_one_second_are_answered_in_their_order() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await mia.says("/start")
        for line in ("harbour", "haircut", "anyone"):
            await mia.says(line, at_once=True)
        await mia.reads("Haircut & finish with whoever is free at Harbour. Which day?")
        assert [_name_question(line) for line in await mia.lines()] == ["where", "what", "with whom", "which day"]

    play(scenario)


def _name_question(line: str) -> str:
    questions = {
        "Where would you": "where",
        "What would you like?": "what",
        "With whom?": "with whom",
        "Which day?": "which day",
    }
    return next(name for part, name in questions.items() if part in line)


def test_a_double_and_a_triple_tap_book_once() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await mia.says("/start")
        for choice in ("Harbour", "Haircut", "Anyone", "First free", "Share my number"):
            await mia.taps(choice)
        button = await mia.button("Book 13:00")
        await asyncio.gather(*(mia.taps_at(button, at_once=True) for _ in range(3)))
        await mia.reads("You have used that button already")
        assert count_booked(await mia.lines()) == 1
        assert len(await house.appointments()) == 1
        await house.staff().reads("Booked")
        assert len(await house.staff().lines()) == 1

    play(scenario)


def test_a_tap_that_overtakes_a_message_leads_to_the_same_booking() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await mia.says("/start")
        for choice in ("Harbour", "Haircut"):
            await mia.taps(choice)
        anyone = await mia.button("Anyone")
        await house.control("PUT", "/telegram/delivery", swap_callbacks=True)
        await mia.says("tomorrow")  # held back until the tap has been delivered
        await mia.taps_at(anyone, at_once=True)
        await mia.reads("Tomorrow, Tuesday 2 March: nothing is free that day.", "These days are the closest:")
        await house.control("PUT", "/telegram/delivery", swap_callbacks=False)
        await mia.taps("Today, Monday 1 March")
        await mia.taps("13:00")
        await mia.taps("Share my number")
        await mia.taps("Book 13:00")
        assert await mia.reads("Booked") == BOOKED

    play(scenario)


def test_a_webhook_without_the_secret_changes_nothing() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia")
        await mia.says("/start")
        await mia.reads("Welcome")
        await house.control("PUT", "/telegram/delivery", wrong_secret=True)
        await mia.taps("Harbour")
        await wait_until(lambda: has_taken(house, "401", 1), "a refusal")
        assert "Where would you like to come?" in (await mia.lines())[-1]
        await house.control("PUT", "/telegram/delivery", wrong_secret=False)
        await mia.reads("What would you like?")  # Telegram sends again

    play(scenario)
