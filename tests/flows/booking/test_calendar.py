"""What few looks tell about many days."""

from datetime import UTC, date, datetime, timedelta

from bot.model import DayOpenings, Slot
from flows.booking.calendar import Calendar

TODAY = date(2026, 11, 20)


def after(days: int) -> date:
    return TODAY + timedelta(days=days)


def slot(day: date) -> Slot:
    return Slot(datetime(day.year, day.month, day.day, 9, tzinfo=UTC), "h")


def test_unknown_days_are_offered() -> None:
    assert len(Calendar(TODAY).offer()) == 28


def test_days_before_the_next_free_one_are_full() -> None:
    calendar = Calendar(TODAY)
    calendar.learn(DayOpenings(TODAY, (), next_day=after(3)))
    assert calendar.offer()[:2] == (after(3), after(4))


def test_days_the_vendor_called_full_are_left_out() -> None:
    calendar = Calendar(TODAY)
    calendar.learn(DayOpenings(TODAY, (slot(TODAY),), {after(1): False, after(2): True}))
    assert calendar.offer()[:2] == (TODAY, after(2))


def test_first_time_is_known_only_if_no_earlier_day_is_unknown() -> None:
    calendar = Calendar(TODAY)
    calendar.learn(DayOpenings(after(2), (slot(after(2)),)))
    assert calendar.first_slot() is None
    calendar.learn(DayOpenings(TODAY, (), {after(1): False}))
    assert calendar.first_slot() == slot(after(2))


def test_nearest_days_prefer_those_known_to_be_free() -> None:
    calendar = Calendar(TODAY, {after(4): True, after(2): False})
    assert calendar.nearest(after(5), 3) == (after(4), after(6), after(7))
    assert calendar.nearest(after(5), 1) == (after(4),)
