"""Days as people type them on Friday, 20 November 2026."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.reading.days import FARTHEST, read_day

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("typed", "days"),
    [
        ("today", ["2026-11-20"]),
        ("hoy", ["2026-11-20"]),
        ("yesterday", ["2026-11-19"]),
        ("Tomorrow!", ["2026-11-21"]),
        ("MAÑANA", ["2026-11-21"]),
        ("pasado mañana", ["2026-11-22"]),
        ("the day after tomorrow", ["2026-11-22"]),
        ("in 3 days", ["2026-11-23"]),
        ("dentro de 3 días", ["2026-11-23"]),
        ("monday", ["2026-11-23"]),
        ("el lunes que viene", ["2026-11-23"]),
        ("friday", ["2026-11-20", "2026-11-27"]),
        ("next friday", ["2026-11-27"]),
        ("next monday", ["2026-11-23", "2026-11-30"]),
        ("sáb", ["2026-11-21"]),
        ("martes 24", ["2026-11-24"]),
        ("tuesday 25", ["2026-11-24", "2026-11-25"]),
        ("24", ["2026-11-24"]),
        ("the 3rd", ["2026-12-03"]),
        ("el 3", ["2026-12-03"]),
        ("31", ["2026-12-31"]),
        ("24/11", ["2026-11-24"]),
        ("24-11-2026", ["2026-11-24"]),
        ("24.11.26", ["2026-11-24"]),
        ("24 nov", ["2026-11-24"]),
        ("Nov 24th", ["2026-11-24"]),
        ("24 de noviembre de 2026", ["2026-11-24"]),
        ("2026-11-24", ["2026-11-24"]),
        ("3 jan", ["2027-01-03"]),
        ("24/10", ["2026-10-24"]),
        ("this weekend", ["2026-11-21", "2026-11-22"]),
        ("next week", [f"2026-11-{day}" for day in range(23, 30)]),
        ("17.30", []),
        ("banana", []),
        ("5 people", []),
        ("", []),
    ],
)
def test_day_is_read(typed: str, days: list[str]) -> None:
    wish = read_day(typed, TODAY)
    assert [day.isoformat() for day in wish.days] == days
    assert not wish.is_impossible


@pytest.mark.parametrize("typed", ["31/11", "30 feb", "2026-13-01", "0/0", "24/11/2029", "in 300 days", "32nd"])
def test_day_that_cannot_be_is_told_apart(typed: str) -> None:
    assert read_day(typed, TODAY).is_impossible


def test_month_comes_first_where_it_does() -> None:
    assert read_day("12/1", TODAY, country="US").days == (date(2026, 12, 1),)
    assert read_day("12/1", TODAY, country="PT").days == (date(2027, 1, 12),)
    assert read_day("12/24", TODAY, country="PT").days == (date(2026, 12, 24),)


@pytest.mark.parametrize(
    ("typed", "rest"),
    [
        ("tomorrow after 5", "after 5"),
        ("mañana por la mañana", "por la manana"),
        ("el viernes a las 17", "a las 17"),
        ("tonight", "tonight"),
    ],
)
def test_rest_of_the_line_is_kept(typed: str, rest: str) -> None:
    assert read_day(typed, TODAY).rest == rest


@pytest.mark.parametrize("typed", ["5", "10-12", "17.30"])
def test_hours_are_no_dates_where_hours_are_asked(typed: str) -> None:
    assert read_day(typed, TODAY, prefers_hours=True).days == ()


@given(st.text(max_size=40))
def test_any_line_can_be_read(typed: str) -> None:
    wish = read_day(typed, TODAY)
    assert all(day - TODAY <= FARTHEST for day in wish.days)


@given(st.dates(TODAY, TODAY + FARTHEST))
def test_written_dates_mean_themselves(day: date) -> None:
    assert read_day(day.isoformat(), TODAY).days == (day,)
    assert read_day(f"{day.day}/{day.month}/{day.year}", TODAY).days == (day,)
    assert read_day(f"{day.day}/{day.month}", TODAY).days == (day,)
