"""Hours as people type them."""

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.reading.hours import Hours, parse_hours, read_hours


def at(*hours: str) -> Hours:
    return Hours(exact=tuple(time.fromisoformat(hour) for hour in hours))


def between(earliest: str, latest: str) -> Hours:
    return Hours(time.fromisoformat(earliest) if earliest else None, time.fromisoformat(latest) if latest else None)


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("17:00", at("17:00")),
        ("17.30", at("17:30")),
        ("17h", at("17:00")),
        ("5pm", at("17:00")),
        ("5 p.m.", at("17:00")),
        ("12am", at("00:00")),
        ("12 pm", at("12:00")),
        ("5", at("05:00", "17:00")),
        ("at 5:30", at("05:30", "17:30")),
        ("09:00", at("09:00")),
        ("a las 5 de la tarde", at("17:00")),
        ("a las 10 de la mañana", at("10:00")),
        ("a las 5 y media", at("05:30", "17:30")),
        ("half past 5", at("05:30", "17:30")),
        ("noon", at("12:00")),
        ("after 5", between("17:00", "")),
        ("after 9", between("09:00", "")),
        ("después de las 17:30", between("17:30", "")),
        ("a partir de las 5", between("17:00", "")),
        ("before 12", between("", "12:00")),
        ("hasta las 6", between("", "18:00")),
        ("between 3 and 5", between("15:00", "17:00")),
        ("entre las 3 y las 5", between("15:00", "17:00")),
        ("from 10 to 12", between("10:00", "12:00")),
        ("10-12", between("10:00", "12:00")),
        ("in the morning", between("", "12:00")),
        ("por la mañana", between("", "12:00")),
        ("this afternoon", between("12:00", "17:00")),
        ("por la tarde", between("12:00", "20:00")),
        ("por la noche", between("19:00", "")),
        ("in the evening", between("17:00", "")),
        ("banana", None),
        ("99", None),
        ("25:00", None),
        ("", None),
    ],
)
def test_hours_are_read(typed: str, hours: Hours | None) -> None:
    assert read_hours(typed) == hours


@pytest.mark.parametrize("written", ["", "-", "x-y", "17:00", "1-2-3", "17:00-18:00-19:00"])
def test_what_is_no_window_is_none(written: str) -> None:
    assert parse_hours(written) is None


@given(st.text(max_size=40))
def test_any_line_can_be_read(typed: str) -> None:
    read_hours(typed)
    parse_hours(typed)


@given(st.times(), st.times())
def test_windows_survive_being_written_down(earliest: time, latest: time) -> None:
    edges = (earliest.replace(second=0, microsecond=0), latest.replace(second=0, microsecond=0))
    assert parse_hours(Hours(*edges).write()) == Hours(*edges)
