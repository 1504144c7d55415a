"""S1, S3, S4, S5 and S6 one after the other, for every vendor with every switch of its emulator."""

import asyncio
from datetime import timedelta

import pytest

from bot.redisclient import connect
from tests.journeys.talk import Customer, House, play
from tests.vendors.cases import each_switch, each_vendor
from tests.vendors.world import Case

TIMEOUT = timedelta(seconds=1)
MOST_TAPS = 6
NAMES = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gus", "Hana", "Ivo", "Jan", "Kai", "Lea")
NEVER = 3600.0
KINDS = ("fail_after", "slow_after", "cut_after", "truncate", "refuse", "slow_before", "cut_before", "html")
"""The vendor did it and nobody heard, or did nothing and one cannot tell."""
WORDS = "Tuesday 23 March"
"""A day that is filled in advance at no vendor, and near enough to be booked at each."""


async def lead_to_summary(customer: Customer, hour: str) -> None:
    await customer.says("/start")
    for choice in ("Harbour", "Swedish", "Anna"):
        await customer.taps(choice)
    await customer.says("23 march")
    await customer.reads("What time?")
    await customer.says(hour)
    await customer.gives_details()
    await customer.reads(f"{WORDS}, {hour} with Anna", "at Harbour (Lisbon time).", "Book it?")


async def book_plainly(house: House) -> None:
    """S1."""
    mia = await house.customer("Mia", phone="+351912345678")
    await mia.books("Harbour", "Haircut", "Anyone", "First free")
    assert mia.taps_made <= MOST_TAPS
    assert mia.lines_typed <= 1  # an e-mail address, where the vendor wants one
    [made] = await house.appointments()
    assert (made["service_name"], made["guest_name"], made["location_name"]) == ("Haircut & finish", "Mia Chen", "Harbour")
    line = await house.staff().reads("Booked: ", "Mia Chen")
    assert made["start_time"][11:16] in line
    assert made["start_time"][11:16] in (await mia.lines())[-1]


async def lose_a_slot(house: House) -> None:
    """S3."""
    ada = await house.customer("Ada", phone="+351912345601")
    await lead_to_summary(ada, "13:00")
    await house.book_at_desk("2027-03-23T13:00:00")
    await ada.taps("Book 13:00")
    await ada.reads(f"{WORDS}, 13:00 with Anna", " has just been taken. You are not booked.")
    await ada.taps("13:00 with Rui")
    await ada.taps("Book 13:00")
    await ada.reads(f"Booked: {WORDS}, 13:00 with Rui Carvalho")
    assert len(await house.appointments()) == 2


async def confirm_at_once(house: House, crowd: int) -> None:
    """S4."""
    people = [await house.customer(name, phone=f"+3519123457{number}") for number, name in enumerate(NAMES[:crowd], 10)]
    await asyncio.gather(*(lead_to_summary(person, "11:00") for person in people))
    await asyncio.gather(*(person.taps("Book 11:00") for person in people))
    ends = await asyncio.gather(*(person.until(_find_end, "the outcome") for person in people))
    assert sorted(ends) == ["booked"] + (crowd - 1) * ["taken"]
    assert len(await house.appointments()) == 3


def _find_end(room: dict[str, object]) -> str:
    messages = room["messages"]
    assert isinstance(messages, list)
    text = messages[-1]["text"]
    return "booked" if text.startswith("Booked: ") else "taken" if "has just been taken. You are not booked." in text else ""


async def lose_an_answer(house: House, kind: str = "cut_after") -> None:
    """S5."""
    before = len(await house.appointments())
    eva = await house.customer("Eva", phone="+351912345602")
    await lead_to_summary(eva, "15:00")
    await house.vendor_fault("book", kind, seconds=NEVER)
    await eva.taps("Book 15:00")
    await eva.until(lambda room: "checking" in str(room) or "Booked: " in str(room), "what became of it")
    await house.wait(minutes=1)  # until a vendor's list shows what it has
    await eva.reads(f"Booked: {WORDS}, 15:00 with Anna")
    assert len([line for line in await eva.lines() if line.startswith("Booked")]) == 1
    assert len(await house.appointments()) == before + 1
    await house.staff().reads(f"Booked: {WORDS}, 15:00 with Anna", "Eva Chen")


async def wait_for_the_vendor(house: House) -> None:
    """S6."""
    finn = await house.customer("Finn", phone="+351912345603")
    await lead_to_summary(finn, "17:00")
    await house.vendor_fault("book", "rate_limit", seconds=60)
    await finn.taps("Book 17:00")
    await finn.reads("Not booked: ", "you can try again with the button", "Book it?")
    assert len(await house.appointments()) == 4
    await pass_a_minute(house)
    await finn.taps("Book 17:00")
    await finn.reads(f"Booked: {WORDS}, 17:00 with Anna")
    assert len(await house.appointments()) == 5


async def pass_a_minute(house: House) -> None:
    """For the quota, which is kept by Redis' own clock."""
    assert house.settings
    assert house.settings.redis.url
    redis = connect(house.settings.redis.url.get_secret_value())
    await redis.delete(*[key async for key in redis.scan_iter(match="frontdesk:rate:*")])
    await redis.aclose()


@each_switch
def test_a_whole_day_at_the_desk(case: Case) -> None:
    async def scenario(house: House) -> None:
        await book_plainly(house)
        await lose_a_slot(house)
        await confirm_at_once(house, 3 if case.switches else 12)
        await lose_an_answer(house)
        await wait_for_the_vendor(house)

    play(scenario, vendor=case.slug, switches=case.switches, vendor_timeout=TIMEOUT)


@pytest.mark.parametrize(
    "kind", ["fail_after", "slow_after", "cut_after", "truncate", "refuse", "slow_before", "cut_before", "html"]
)
@each_vendor
def test_whatever_becomes_of_an_answer_there_is_one_appointment_and_the_truth(case: Case, kind: str) -> None:
    async def scenario(house: House) -> None:
        await lose_an_answer(house, kind)

    play(scenario, vendor=case.slug, vendor_timeout=TIMEOUT)


@each_vendor
def test_a_vendor_that_takes_twenty_seconds_does_not_hold_the_customer_up(case: Case) -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await mia.says("/start")
        await mia.taps("Harbour")
        await mia.taps("Haircut")
        await mia.reads("With whom?")
        await house.vendor_fault("slots", "slow_before", seconds=20)
        await mia.taps("Anyone")
        await mia.reads("booking system is not answering just now.")
        await mia.taps("Try again")
        await mia.reads("Which day?")

    play(scenario, vendor=case.slug, vendor_timeout=TIMEOUT)
