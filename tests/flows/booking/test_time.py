"""The time: narrowed by words, never guessed."""

import pytest

from bot.errors import TryAgain
from tests.flows.chat import Chat
from tests.flows.salon import ANNA, Salon


def at_time(salon: Salon | None = None) -> Chat:
    chat = Chat(salon or Salon())
    chat.command("start")
    for label in ("Harbour", "Haircut", "Anna", "Tomorrow"):
        chat.tap(label)
    return chat


@pytest.mark.parametrize("typed", ["17:00", "5pm", "5", "17", "at 5", "a las 5 de la tarde", "17h", "tomorrow at 17:00"])
def test_typed_hour_is_taken_where_only_one_fits(typed: str) -> None:
    chat = at_time()
    assert chat.say(typed).startswith("Haircut with Anna at Harbour, tomorrow, Saturday 21 November, 17:00.")


@pytest.mark.parametrize(
    ("typed", "echo", "first"),
    [
        ("after 5", "From 17:00 on:", "17:00"),
        ("después de las 5", "From 17:00 on:", "17:00"),
        ("before 10", "Before 10:00:", "09:00"),
        ("between 3 and 5", "Between 15:00 and 17:00:", "15:00"),
        ("morning", "Before 12:00:", "09:00"),
        ("por la tarde", "Between 12:00 and 20:00:", "12:00"),
    ],
)
def test_typed_hours_narrow_the_list_and_are_echoed(typed: str, echo: str, first: str) -> None:
    chat = at_time()
    assert chat.say(typed).endswith(echo)
    assert chat.labels[0] == first
    chat.tap("All times")
    assert "13:30" in chat.labels


def test_hour_that_is_not_free_offers_the_closest() -> None:
    salon = Salon()
    salon.take("2026-11-21T17:00", ANNA)
    chat = at_time(salon)
    assert chat.say("17:00").startswith("Tomorrow, Saturday 21 November, 17:00 with Anna is not free.")
    assert chat.labels[:4] == ["16:30 with Anna", "17:00 with Marco", "17:30 with Anna", "Other times"]


def test_hour_that_has_passed_is_said() -> None:
    chat = at_time()
    chat.say("today")
    assert chat.say("10:00").startswith("Today, Friday 20 November, 10:00 has passed.")


def test_hours_with_nothing_free_offer_the_closest() -> None:
    chat = at_time()
    assert chat.say("after 20:00").startswith("Nothing is free then. These times are the closest to 20:00:")
    assert "18:30" in chat.labels


def test_hour_that_could_be_morning_or_evening_is_asked_about() -> None:
    chat = at_time(Salon(opens=at_time().salon.opens.replace(hour=6)))
    assert chat.say("6").startswith("That could be more than one time.")
    assert chat.labels[:2] == ["06:00", "18:00"]


@pytest.mark.parametrize(("typed", "hour"), [("the first", "09:00"), ("la última", "18:30")])
def test_ends_of_the_list_can_be_named(typed: str, hour: str) -> None:
    assert f"21 November, {hour}." in at_time().say(typed)


def test_number_of_a_narrowed_row_picks_it() -> None:
    chat = at_time()
    chat.say("after 5")
    assert "17:30." in chat.say("2")


def test_other_day_typed_at_the_time_changes_the_day() -> None:
    assert at_time().say("tuesday").startswith("Haircut with Anna at Harbour, Tuesday 24 November. What time?")


def test_unclear_day_typed_at_the_time_is_asked_about() -> None:
    chat = at_time()
    chat.say("friday")
    assert chat.labels[:2] == ["Today, Friday 20 November", "Friday 27 November"]


def test_part_of_day_buttons_stand_first_on_a_long_day() -> None:
    chat = at_time()
    assert chat.labels[:4] == ["Morning", "Afternoon", "Evening", "09:00"]
    assert chat.tap("Evening").endswith("From 17:00 on:")


def test_picked_time_that_is_gone_meanwhile_offers_ways_on() -> None:
    chat = at_time()
    chat.tap("17:00")
    chat.salon.take("2026-11-21T17:00", ANNA)
    assert chat.share().startswith("Tomorrow, Saturday 21 November, 17:00 with Anna is not free.")
    assert chat.labels[0] == "16:30 with Anna"


def test_slow_vendor_does_not_stop_a_customer_who_has_a_time() -> None:
    chat = at_time()
    chat.tap("17:00")
    look = chat.salon.find_openings

    async def refuse(query: object) -> None:
        raise TryAgain("slow")

    chat.salon.find_openings = refuse  # type: ignore[method-assign, assignment]
    assert chat.share().startswith("Tomorrow, Saturday 21 November, 17:00 with Anna")
    chat.salon.find_openings = look  # type: ignore[method-assign]
