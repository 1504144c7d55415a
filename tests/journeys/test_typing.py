"""Rule 5, promise 6 and S2: text works wherever buttons do, and what was understood is echoed before anything is done."""

import pytest

from tests.journeys.talk import House, play

SUMMARY = "Tomorrow, Tuesday 2 March, 13:00 with Anna at Harbour (Lisbon time)."


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(("1", "8", "2", "3", "2"), id="numbers"),
        pytest.param(("Harbour", "Swedish massage", "Anna", "tomorrow", "13:00"), id="names"),
        pytest.param(("harb", "swed", "with anna please", "2 march", "1pm"), id="parts of names"),
        pytest.param(("HARBOUR!", "the swedish massage", "anna 🌸", "tuesday", "at 13"), id="as people type"),
        pytest.param(("harbour", "swedish massage tomorrow at 13:00 with anna"), id="a sentence on the way"),
    ],
)
def test_a_whole_booking_can_be_typed(lines: tuple[str, ...]) -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia")
        await mia.says("/start")
        for line in lines:
            await mia.says(line)
        await mia.reads("What number")
        await mia.says("912 345 678")
        await mia.reads(SUMMARY, "Swedish massage, 60 min, €55.")
        await mia.says("yes")
        await mia.reads("Booked: tomorrow, Tuesday 2 March, 13:00 with Anna Lindqvist")
        assert mia.taps_made == 0

    play(scenario)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "Swedish massage at Harbour tomorrow 1pm with Anna"),
        ("en", "Hi! could I get a swedish massage with anna at harbour tomorrow at 13:00 please"),
        ("es", "Swedish massage en Harbour mañana a las 13:00 con Anna"),
    ],
)
def test_one_sentence_goes_straight_to_the_last_question(language: str, line: str) -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", language=language, phone="+351912345678")
        await mia.says(line)
        await mia.taps("Share my number" if language == "en" else "Compartir mi número")
        await mia.reads("13:00 ", "Anna", "Harbour", "Swedish massage")
        await mia.taps("Book 13:00" if language == "en" else "Reservar 13:00")
        await mia.reads("Booked:" if language == "en" else "Reservado:")
        assert mia.taps_made == 2
        [made] = await house.appointments()
        assert (made["start_time"], made["staff_name"]) == ("2027-03-02T13:00:00", "Anna Lindqvist")

    play(scenario)


def test_hours_narrow_the_times() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia")
        await mia.says("/start")
        for choice in ("Harbour", "Swedish", "Anna"):
            await mia.taps(choice)
        await mia.says("29 march")
        await mia.says("after 3pm")
        await mia.reads("Monday 29 March. From 15:00 on:")
        assert (await mia.buttons())[0] == "15:00"
        await mia.says("before 10")
        await mia.reads("Monday 29 March. Before 10:00:")
        await mia.says("between 12 and 13")
        await mia.reads("Between 12:00 and 13:00:")
        await mia.taps("All times")
        assert "09:00" in await mia.buttons()
        await mia.says("friday after 5")
        await mia.reads("Friday 5 March", "These times are the closest to 17:00")

    play(scenario)


def test_a_name_that_fits_several_is_asked_about_and_a_day_that_is_full_is_not_slid() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia")
        await mia.says("/start")
        await mia.says("harbour")
        await mia.says("hair")
        await mia.reads("That fits more than one. Which do you mean?")
        await mia.says("1")
        await mia.says("anyone")
        await mia.says("tomorrow")
        await mia.reads("Tomorrow, Tuesday 2 March: nothing is free that day.", "These days are the closest:")
        await mia.says("yesterday")
        await mia.reads("Yesterday, Sunday 28 February has passed.")
        await mia.says("30 february")
        await mia.reads("I cannot find that day in the coming months.")

    play(scenario)


def test_what_is_wanted_can_be_said_before_where() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia")
        await mia.says("swedish")
        await mia.reads("Where would you like to come?")
        await mia.says("brooklyn")
        await mia.reads("Swedish massage at Brooklyn, 60 min, $130.62. With whom?")

    play(scenario)
