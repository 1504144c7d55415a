"""S3, S4 and promise 2: a time that is gone never ends the conversation, and one slot is never given twice."""

import asyncio

from tests.journeys.talk import Customer, House, play

CHOICES = ("Harbour", "Swedish", "Anna")
DAY, WORDS = "29 march", "Monday 29 March"
NAMES = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gus", "Hana", "Ivo", "Jan", "Kai", "Lea")
ANNA, RUI = "Anna Lindqvist", "Rui Carvalho"


async def lead_to_summary(customer: Customer, hour: str) -> None:
    await customer.says("/start")
    for choice in CHOICES:
        await customer.taps(choice)
    await customer.says(DAY)
    await customer.reads("What time?")
    await customer.says(hour)
    await customer.taps("Share my number")
    await customer.reads(f"{WORDS}, {hour} with Anna at Harbour (Lisbon time).", "Book it?")


async def lose_the_slot(house: House, hour: str) -> Customer:
    """A customer at the summary whose time the desk gives away; the answer to the tap on "Book"."""
    mia = await house.customer("Mia", phone="+351912345678")
    await lead_to_summary(mia, hour)
    await house.book_at_desk(f"2027-03-29T{hour}:00")
    await mia.taps(f"Book {hour}")
    await mia.reads(f"{WORDS}, {hour} with Anna has just been taken. You are not booked.", "everything else stays as it is")
    return mia


def test_a_lost_time_comes_with_three_labelled_ways_on() -> None:
    async def scenario(house: House) -> None:
        mia = await lose_the_slot(house, "13:00")
        labels = await mia.buttons()
        assert labels == [
            *("11:45 with Anna", "13:00 with Rui", "14:15 with Anna"),
            *("Other times", "Another day", "Back", "Menu", "Talk to a person"),
        ]
        assert await house.appointments() == []
        assert await house.staff().lines() == []

    play(scenario)


def test_the_same_person_at_another_time_is_one_tap_away() -> None:
    async def scenario(house: House) -> None:
        mia = await lose_the_slot(house, "13:00")
        await mia.taps("14:15 with Anna")
        await mia.reads(f"{WORDS}, 14:15 with Anna at Harbour", "Swedish massage, 60 min", "Name: Mia Chen, +351 912 345 678.")
        await mia.taps("Book 14:15")
        await mia.reads(f"Booked: {WORDS}, 14:15 with Anna Lindqvist")
        [made] = await house.appointments()
        assert (made["start_time"], made["staff_name"]) == ("2027-03-29T14:15:00", ANNA)

    play(scenario)


def test_the_same_time_with_somebody_else_is_one_tap_away() -> None:
    async def scenario(house: House) -> None:
        mia = await lose_the_slot(house, "13:00")
        await mia.taps("13:00 with Rui")
        await mia.reads(f"{WORDS}, 13:00 with Rui at Harbour", "Swedish massage, 60 min", "Name: Mia Chen, +351 912 345 678.")
        await mia.taps("Book 13:00")
        await mia.reads(f"Booked: {WORDS}, 13:00 with Rui Carvalho")
        [made] = await house.appointments()
        assert (made["start_time"], made["staff_name"]) == ("2027-03-29T13:00:00", RUI)

    play(scenario)


def test_a_way_on_that_is_lost_too_offers_the_next() -> None:
    async def scenario(house: House) -> None:
        mia = await lose_the_slot(house, "13:00")
        await house.book_at_desk("2027-03-29T14:15:00")
        await mia.taps("14:15 with Anna")
        await mia.taps("Book 14:15")
        await mia.reads("14:15 with Anna has just been taken. You are not booked.")
        await mia.taps("14:15 with Rui")
        await mia.taps("Book 14:15")
        await mia.reads(f"Booked: {WORDS}, 14:15 with Rui Carvalho")

    play(scenario)


def test_other_times_and_other_days_keep_everything_else() -> None:
    async def scenario(house: House) -> None:
        mia = await lose_the_slot(house, "13:00")
        await mia.taps("Other times")
        await mia.reads(f"Swedish massage with Anna at Harbour, {WORDS}. What time?")
        assert "13:00" not in await mia.buttons()
        await mia.taps("Back")
        await mia.taps("Thursday 4 March")
        await mia.reads("Swedish massage with Anna at Harbour, Thursday 4 March. What time?")

    play(scenario)


def test_of_twelve_who_confirm_one_slot_at_once_exactly_one_gets_it() -> None:
    async def scenario(house: House) -> None:
        people = [await house.customer(name, phone=f"+3519123456{number}") for number, name in enumerate(NAMES, 10)]
        await asyncio.gather(*(lead_to_summary(person, "11:00") for person in people))
        await asyncio.gather(*(person.taps("Book 11:00") for person in people))
        ends = await asyncio.gather(*(person.until(_find_end, "the outcome") for person in people))
        assert sorted(ends) == ["booked"] + 11 * ["offered 3"]
        [made] = await house.appointments()
        assert made["guest_name"] == f"{NAMES[ends.index('booked')]} Chen"
        await house.staff().reads(made["guest_name"])
        assert len(await house.staff().lines()) == 1
        await let_one_more_in(house, [person for person, end in zip(people, ends, strict=True) if end != "booked"])

    play(scenario)


async def let_one_more_in(house: House, losers: list[Customer]) -> None:
    """All take the first way on: one more gets it, the others are told again and offered ways again."""
    await asyncio.gather(*(person.taps("with Anna") for person in losers))
    await asyncio.gather(*(person.reads("Book it?") for person in losers))
    await asyncio.gather(*(person.taps("Book ") for person in losers))
    ends = await asyncio.gather(*(person.until(_find_end, "the outcome") for person in losers))
    assert sorted(ends) == ["booked"] + 10 * ["offered 3"]
    assert len(await house.appointments()) == 2


def _find_end(room: dict[str, object]) -> str:
    messages = room["messages"]
    assert isinstance(messages, list)
    last = messages[-1]
    if last["text"].startswith("Booked: "):
        return "booked"
    ways = [button["text"] for row in last["inline_keyboard"] for button in row if " with " in button["text"]]
    return f"offered {len(ways)}" if "has just been taken. You are not booked." in last["text"] else ""
