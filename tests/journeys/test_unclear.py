"""While nobody knows whether a booking worked: one may go on, nothing can be booked twice by accident, and all hear the end."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from bot.settings import Settings
from bot.settings.model import StaffSettings
from tests.journeys.talk import Customer, House, open_house

TIMEOUT = timedelta(seconds=0.8)
"""Of one call to the vendor; ten seconds for real."""
CHECKING = "The salon has not answered clearly. I am checking with the salon whether it worked"
WHAT = "Swedish massage, Monday 29 March, 11:00"
BOOKED = "Booked: Monday 29 March, 11:00 with Anna"


def play(scenario: Callable[[House], Awaitable[None]]) -> None:
    async def run() -> None:
        async with open_house(vendor_timeout=TIMEOUT) as house:
            await scenario(house)
            assert house.running is None or await house.metric("frontdesk_turns_total", end="failed") == 0

    asyncio.run(run())


async def lead_to_summary(house: House, *, time: str = "11:00") -> Customer:
    mia = await house.customer("Mia", phone="+351912345678")
    await mia.says("/start")
    for choice in ("Harbour", "Swedish", "Anna"):
        await mia.taps(choice)
    await mia.says("29 march")
    await mia.taps(time)
    await mia.taps("Share my number")
    await mia.reads("Book it?")
    return mia


async def lose_sight(house: House, *, is_made: bool = True) -> tuple[Customer, dict[str, Any]]:
    """A customer who has confirmed, and the button. The vendor has made the appointment, or not, and tells nobody."""
    mia = await lead_to_summary(house)
    button = await mia.button("Book 11:00")
    await house.vendor_fault("book", "cut_after" if is_made else "refuse", times=1 if is_made else 100)
    await house.vendor_fault("find", "refuse", times=1000)
    await mia.taps_at(button)
    await mia.reads(CHECKING)
    return mia, button


async def mend(house: House) -> None:
    await house.vendor_control("DELETE", "/faults")


def test_one_may_look_around_meanwhile_and_book_the_next_when_it_is_settled() -> None:
    async def scenario(house: House) -> None:
        mia, _ = await lose_sight(house)
        await mia.says("haircut with Inês at Harbour")
        await mia.reads(f"I am still checking with the salon whether {WHAT} worked", "look around", "Which day?")
        await mia.taps("First free")
        await mia.reads("Book it?")
        other = await mia.button("Book ")
        await mia.taps_at(other)
        await mia.reads(f"Not yet: I am still checking with the salon whether {WHAT} worked.", "Book it?")
        await mia.says("yes")
        await mia.reads("Not yet")
        await mia.says("/language")
        await mia.taps("Español")
        await mia.reads("A partir de ahora, en español.")
        await mia.taps("Menú")
        await mia.taps("¿Cómo va?")
        await mia.reads("Todavía estoy comprobando con el centro")
        await mia.says("english")
        await mia.says("human")
        await mia.reads("I have told the team of Harbour Studio")
        await house.staff().reads("It is being checked whether their booking worked.")
        assert len(await house.appointments()) == 1
        await mend(house)
        await mia.reads(BOOKED)
        await mia.taps("Go on")
        await mia.reads("what would you like to do?")
        await mia.taps("Go on with my booking")
        await mia.taps("Book ")
        await mia.reads("Booked: ", "Haircut")
        assert len(await house.appointments()) == 2

    play(scenario)


def test_the_same_thing_picked_anew_meanwhile_is_not_booked_twice() -> None:
    async def scenario(house: House) -> None:
        mia, button = await lose_sight(house, is_made=False)
        await mia.says("swedish massage with anna at harbour 29 march 11:00")
        await mia.reads(f"I am still checking with the salon whether {WHAT} worked")
        await mia.reads("Book it?")
        again = await mia.button("Book 11:00")
        await mia.taps_at(again)
        await mia.reads("Not yet")
        await mend(house)
        await mia.reads(BOOKED)
        for old in (again, button):
            await mia.taps_at(old)
            await mia.reads("button")
        assert len(await house.appointments()) == 1

    play(scenario)


def test_a_restart_while_it_is_unclear_changes_nothing() -> None:
    async def scenario(house: House) -> None:
        mia, button = await lose_sight(house)
        await house.stop_bot()
        await house.start_bot()
        await mia.taps_at(button)
        await mia.reads("I am still checking with the salon")
        await mend(house)
        await mia.reads(BOOKED)
        await house.staff().reads(BOOKED)
        assert len(await house.appointments()) == 1
        assert len([line for line in await mia.lines() if line.startswith("Booked")]) == 1

    play(scenario)


def test_staff_hear_of_what_takes_long_and_how_it_ends() -> None:
    """An appointment that shows up after minutes: "Booked" is said then, to both."""

    async def scenario(house: House) -> None:
        mia, _ = await lose_sight(house)
        await house.wait(minutes=3)
        await house.staff().reads(
            "Not certain yet whether this was booked: Monday 29 March, 11:00, Swedish massage, Anna, Harbour. "
            "For Mia Chen, +351 912 345 678. Ref. "
        )
        await house.wait(minutes=3)
        await mend(house)
        await mia.reads(BOOKED)
        await house.staff().reads(BOOKED)
        assert len(await house.staff().lines()) == 2
        assert len([line for line in await mia.lines() if "checking" in line]) == 1

    play(scenario)


def test_after_giving_up_the_same_is_booked_again_only_on_purpose() -> None:
    async def scenario(house: House) -> None:
        mia, button = await lose_sight(house, is_made=False)
        await house.wait(minutes=16)
        await mia.reads("I could not find out whether it worked. The team of Harbour Studio has all the details")
        await house.staff().reads("Please check whether this was booked, I could not find out")
        await mend(house)
        await house.stop_bot()
        await house.start_bot()
        await mia.taps_at(button)
        await mia.reads("That one is with the team")
        await mia.says("swedish massage with anna at harbour 29 march")
        await mia.taps("11:30")
        await mia.taps("Book 11:30")
        await mia.reads("Careful: whether Swedish massage, Monday 29 March, 11:00 was booked is still open.", "Book it?")
        assert await house.appointments() == []
        await mia.taps("Book this one as well")
        await mia.reads("Booked: Monday 29 March, 11:30")
        assert len(await house.appointments()) == 1

    play(scenario)


def without_staff(settings: Settings, *, phone: str) -> Settings:
    harbour = settings.businesses["harbour"].model_copy(update={"staff": StaffSettings(), "phone": phone})
    return settings.model_copy(update={"businesses": {**settings.businesses, "harbour": harbour}})


def test_where_nobody_reads_along_nothing_is_promised_in_their_name() -> None:
    async def scenario(house: House) -> None:
        assert house.settings is not None
        house.settings = without_staff(house.settings, phone="+351210000140")
        await house.stop_bot()
        await house.start_bot()
        mia, button = await lose_sight(house, is_made=False)
        await house.wait(minutes=16)
        text = await mia.reads(f"I could not find out whether {WHAT} worked. Please ask Harbour Studio before you book it again")
        assert "name this reference: " in text
        assert "You reach them here: +351 21 000 0140, " in text
        assert "team" not in text
        await mia.taps("Talk to a person")
        await mia.reads("Nobody of Harbour Studio reads along here", "You reach them here: +351 21 000 0140")
        await mia.taps_at(button)
        await mia.reads("Whether that one worked is still open. Please ask Harbour Studio")
        assert await house.staff().lines() == []

    play(scenario)
