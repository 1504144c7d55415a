"""Rules 4 and 7, promise 8, S8: one can leave and come back, and any old button is safe for ever."""

import asyncio
from typing import Any

import pytest

from tests.journeys.talk import Customer, House, open_house, play


async def lead_to_times(house: House) -> tuple[Customer, dict[str, dict[str, Any]]]:
    """A customer who is choosing a time, and the buttons they passed on the way."""
    mia = await house.customer("Mia", phone="+351912345678")
    await mia.says("/start")
    await mia.taps("Harbour")
    old = {"service": await mia.button("Manicure")}
    await mia.taps("Swedish")
    old["staff"] = await mia.button("Rui")
    await mia.taps("Anna")
    old["day"] = await mia.button("Tomorrow, Tuesday 2 March")
    old["first"] = await mia.button("First free: today, 09:00")
    await mia.taps_at(old["day"])
    old["time"] = await mia.button("13:00")
    return mia, old


async def restart(house: House, **away: float) -> None:
    await house.stop_bot()
    await house.wait(**away)
    await house.start_bot()


@pytest.mark.parametrize("is_embedded", [False, True], ids=["Redis of its own", "embedded Redis"])
def test_a_restart_in_the_middle_goes_unnoticed(is_embedded: bool) -> None:
    async def run() -> None:
        async with open_house(is_embedded=is_embedded) as house:
            mia, _ = await lead_to_times(house)
            await restart(house)
            await mia.taps("13:00")
            await mia.reads("Swedish massage with Anna at Harbour, tomorrow, Tuesday 2 March, 13:00.", "What number")
            await restart(house)
            await mia.taps("Share my number")
            await mia.reads("Book it?")
            await restart(house)
            await mia.taps("Book 13:00")
            await mia.reads("Booked: tomorrow, Tuesday 2 March, 13:00 with Anna Lindqvist")
            assert len(await house.appointments()) == 1

    asyncio.run(run())


def test_what_is_said_while_the_bot_is_away_is_answered_when_it_is_back() -> None:
    async def scenario(house: House) -> None:
        mia, _ = await lead_to_times(house)
        await house.stop_bot()
        await mia.taps("13:00")
        await house.start_bot()
        await mia.reads("tomorrow, Tuesday 2 March, 13:00.", "What number")

    play(scenario)


def test_after_an_hour_one_goes_on_where_one_was() -> None:
    async def scenario(house: House) -> None:
        mia, _ = await lead_to_times(house)
        await house.wait(hours=1)
        await mia.says("hello")
        await mia.reads(
            "You were choosing a time for Swedish massage with Anna at Harbour.", "tomorrow, Tuesday 2 March. What time?"
        )
        await mia.taps("13:00")
        await mia.reads("What number")

    play(scenario)


def test_after_a_week_the_day_has_passed_and_the_rest_is_kept() -> None:
    async def scenario(house: House) -> None:
        mia, _ = await lead_to_times(house)
        await restart(house, days=8)
        await mia.says("hi")
        await mia.reads("You were choosing a day for Swedish massage with Anna at Harbour.", "Tuesday 2 March has passed.")
        await mia.taps("Other days")
        await mia.taps("First free")
        await mia.reads("Swedish massage with Anna at Harbour,", "What number")

    play(scenario)


def test_after_three_weeks_no_old_button_books_the_past_or_ends_the_conversation() -> None:
    async def scenario(house: House) -> None:
        mia, old = await lead_to_times(house)
        await restart(house, days=21)
        await mia.taps_at(old["time"])
        await mia.reads("Tuesday 2 March, 13:00 has passed.", "everything else stays as it is")
        assert (await mia.buttons())[0].startswith("First free: today, Monday 22 March, ")
        await mia.taps_at(old["day"])
        await mia.reads("Tuesday 2 March has passed.", "Swedish massage with Anna at Harbour.")
        await mia.taps_at(old["first"])
        await mia.reads("Monday 1 March, 09:00 has passed.")
        await mia.taps_at(old["staff"])
        await mia.reads("Swedish massage with Rui at Harbour.")
        await mia.taps_at(old["service"])
        await mia.reads("Manicure with Beatriz at Harbour.")
        assert await house.appointments() == []

    play(scenario)


def test_a_button_of_an_earlier_step_changes_that_choice_and_keeps_the_rest() -> None:
    async def scenario(house: House) -> None:
        mia, old = await lead_to_times(house)
        await mia.taps("13:00")
        await mia.taps("Share my number")
        await mia.reads("Tuesday 2 March, 13:00 with Anna", "Book it?")
        await mia.taps_at(old["staff"])
        await mia.reads("Tuesday 2 March, 13:00 with Rui")

    play(scenario)


async def book(mia: Customer) -> dict[str, Any]:
    """The button that booked."""
    await mia.taps("13:00")
    await mia.taps("Share my number")
    button = await mia.button("Book 13:00")
    await mia.taps_at(button)
    await mia.reads("Booked: tomorrow, Tuesday 2 March, 13:00 with Anna Lindqvist")
    return button


def test_after_a_booking_no_old_button_books_again_and_each_is_answered() -> None:
    async def scenario(house: House) -> None:
        mia, old = await lead_to_times(house)
        button = await book(mia)
        await mia.taps_at(button)
        await mia.reads("You have used that button already, for Swedish massage, tomorrow, Tuesday 2 March, 13:00.")
        for name in ("time", "day", "first", "staff", "service"):
            await mia.taps_at(old[name])
            await mia.reads("Where would you like to come?")
        await mia.taps_at(button)
        await mia.reads("You have used that button already")
        await restart(house, days=30)
        await mia.taps_at(button)
        await mia.reads("You have used that button already, for Swedish massage, Tuesday 2 March, 13:00.")
        assert len(await house.appointments()) == 1
        assert len(await house.staff().lines()) == 1

    play(scenario)


def test_a_confirm_button_of_another_wish_shows_what_has_changed() -> None:
    async def scenario(house: House) -> None:
        mia, _ = await lead_to_times(house)
        await mia.taps("13:00")
        await mia.taps("Share my number")
        old = await mia.button("Book 13:00")
        await mia.says("13:15")
        await mia.reads("13:15 with Anna", "Book it?")
        await mia.taps_at(old)
        await mia.reads("Something has changed since you saw that.", "Tuesday 2 March, 13:15 with Anna", "Book it?")
        await mia.says("cancel")
        await mia.reads("All right, I have left it there. Nothing has been booked.")
        await mia.taps_at(old)
        await mia.reads("You had left that booking, so that button books nothing.")
        assert await house.appointments() == []

    play(scenario)


def test_a_button_of_somebody_elses_chat_does_nothing() -> None:
    """What a button says is signed for the chat it was made for."""

    async def scenario(house: House) -> None:
        mia, _ = await lead_to_times(house)
        await mia.taps("13:00")
        await mia.taps("Share my number")
        stolen = await mia.button("Book 13:00")
        eve = await house.customer("Eve", phone="+351912345679")
        await eve.says("/start")
        await eve.reads("Where would you like to come?")
        await press_stolen(house, eve, stolen["data"])
        await eve.reads("That button is no longer active. Here is where we are:", "Where would you like to come?")
        await mia.reads("Book it?")
        assert await house.appointments() == []

    play(scenario)


async def press_stolen(house: House, thief: Customer, token: str) -> None:
    """As no client of Telegram's would let anybody do it."""
    [message] = [message for message in await thief.messages() if message["from_bot"]]
    person = {"id": thief.chat, "is_bot": False, "first_name": "Eve"}
    place = {"chat": {"id": thief.chat, "type": "private"}, "message_id": message["message_id"], "date": 0}
    query = {"id": "4711", "from": person, "message": place, "chat_instance": "1", "data": token}
    await house.control("POST", f"/telegram/{thief.bot}/updates", callback_query=query)
