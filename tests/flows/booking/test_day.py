"""The day: offered, typed, and never slid."""

from datetime import timedelta

import pytest

from tests.flows.chat import Chat
from tests.flows.salon import ANNA, NOON, Salon


def at_day(salon: Salon | None = None) -> Chat:
    chat = Chat(salon or Salon())
    chat.command("start")
    for label in ("Harbour", "Haircut", "Anna"):
        chat.tap(label)
    return chat


def test_first_free_time_is_the_first_button() -> None:
    chat = at_day()
    assert chat.labels[:3] == ["First free: today, 12:30", "Today, Friday 20 November", "Tomorrow, Saturday 21 November"]


def test_day_known_to_be_full_is_left_out() -> None:
    chat = at_day()
    assert "Sunday 22 November" not in chat.labels
    assert "Monday 23 November" in chat.labels


def test_first_free_tomorrow_when_today_is_full() -> None:
    salon = Salon()
    salon.take_day(NOON.date())
    assert at_day(salon).labels[0] == "First free: tomorrow, 09:00"


def test_vendor_that_tells_of_one_day_only_is_asked_a_few_times() -> None:
    salon = Salon(tells_later=False)
    salon.take_day(NOON.date())
    chat = at_day(salon)
    assert chat.labels[0] == "First free: tomorrow, 09:00"
    assert "Sunday 22 November" in chat.labels
    assert salon.looks == 2


def test_time_that_has_passed_since_the_desk_looked_is_not_offered() -> None:
    assert at_day(Salon(lag=timedelta(hours=2))).labels[0] == "First free: today, 12:30"


def test_days_go_on_for_four_weeks() -> None:
    chat = at_day()
    while chat.has("More"):
        chat.tap("More")
    assert chat.labels[-5] == "Thursday 17 December"


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("tomorrow", "tomorrow, Saturday 21 November"),
        ("mañana", "tomorrow, Saturday 21 November"),
        ("24/11", "Tuesday 24 November"),
        ("24 nov", "Tuesday 24 November"),
        ("24", "Tuesday 24 November"),
        ("2026-11-24", "Tuesday 24 November"),
        ("el martes", "Tuesday 24 November"),
        ("monday", "Monday 23 November"),
        ("3", "tomorrow, Saturday 21 November"),
    ],
)
def test_typed_day_is_understood_and_echoed(typed: str, day: str) -> None:
    assert at_day().say(typed) == f"Haircut with Anna at Harbour, {day}. What time?"


def test_full_day_is_said_and_its_neighbours_offered() -> None:
    chat = at_day()
    assert chat.say("sunday").startswith("Sunday 22 November: nothing is free that day.")
    assert chat.labels[:4] == ["Tomorrow, Saturday 21 November", "Monday 23 November", "Tuesday 24 November", "Other days"]


def test_day_full_with_one_person_is_offered_with_anyone() -> None:
    chat = at_day()
    for hour in range(9, 19):
        for minutes in ("00", "30"):
            chat.salon.take(f"2026-11-21T{hour:02}:{minutes}", ANNA)
    assert chat.say("tomorrow").startswith("Tomorrow, Saturday 21 November: nothing is free that day.")
    assert chat.tap("Tomorrow, Saturday 21 November, with anyone").startswith(
        "Haircut with whoever is free at Harbour, tomorrow, Saturday 21 November. What time?"
    )


@pytest.mark.parametrize(("typed", "said"), [("yesterday", "Yesterday, Thursday 19 November"), ("24/10", "Saturday 24 October")])
def test_past_day_is_said(typed: str, said: str) -> None:
    assert at_day().say(typed).startswith(f"{said} has passed.")


@pytest.mark.parametrize("typed", ["31/11", "24/11/2029"])
def test_day_that_cannot_be_is_said(typed: str) -> None:
    assert at_day().say(typed).startswith("I cannot find that day in the coming months.")


def test_friday_said_on_a_friday_is_asked_about() -> None:
    chat = at_day()
    assert chat.say("friday").startswith("That could be more than one day. Which do you mean?")
    assert chat.labels[:2] == ["Today, Friday 20 November", "Friday 27 November"]


def test_number_that_is_a_row_and_a_date_is_asked_about() -> None:
    chat = at_day()
    chat.tap("More")
    chat.tap("More")
    assert chat.session.menu[1].value == "2026-12-07"
    assert chat.session.menu[2].value == "2026-12-08"
    assert chat.say("7").startswith("That could be more than one day.")


def test_next_week_offers_its_days() -> None:
    chat = at_day()
    chat.say("next week")
    assert chat.labels[0] == "Monday 23 November"


def test_day_with_hours_narrows_the_times() -> None:
    chat = at_day()
    assert chat.say("tomorrow after 5").endswith("tomorrow, Saturday 21 November. From 17:00 on:")
    assert chat.labels[:4] == ["17:00", "17:30", "18:00", "18:30"]


def test_asap_takes_the_first_free_time() -> None:
    assert "today, Friday 20 November, 12:30" in at_day().say("asap")


def test_nothing_free_for_weeks_is_said() -> None:
    chat = at_day(Salon(closed=frozenset(range(7)), tells_later=True))
    while chat.state == "day" and chat.has("More"):
        chat.tap("More")
    assert "Back" in chat.labels
