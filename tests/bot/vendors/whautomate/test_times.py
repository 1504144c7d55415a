from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.vendors.whautomate.times import is_other_zone, read_day, read_slot_time, read_utc

LISBON, KOLKATA = ZoneInfo("Europe/Lisbon"), ZoneInfo("Asia/Kolkata")
DAY = date(2030, 7, 8)


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("09:30 AM", (9, 30)),
        ("9:30 am", (9, 30)),
        ("04:39 PM", (16, 39)),
        ("12:00 PM", (12, 0)),
        ("12:15 AM", (0, 15)),
        ("4:39 p.m.", (16, 39)),
        ("09:30", (9, 30)),
        ("16:39:00", (16, 39)),
        ("2030-07-08T16:39:00", (16, 39)),
        ("2030-07-08T16:39:00.000Z", (16, 39)),  # the vendor's Z says nothing
        ("2030-07-08T16:39:00+01:00", (16, 39)),
        ("2030-07-08T15:39:00+00:00", (16, 39)),
    ],
)
def test_a_slots_time_is_read_in_every_spelling(text: str, clock: tuple[int, int]) -> None:
    assert read_slot_time(text, DAY, LISBON) == datetime(2030, 7, 8, *clock, tzinfo=LISBON)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "13:00 PM", "00:30 AM", "24:00", "9", "09:61", "2030-07-09T09:00:00Z", "T", "2030-07-08T25:00"],
)
def test_what_is_no_time_of_that_day_is_none(text: str) -> None:
    assert read_slot_time(text, DAY, LISBON) is None


def test_the_clock_that_spring_skips_is_none_and_the_first_of_two_in_autumn_is_taken() -> None:
    assert read_slot_time("01:30 AM", date(2030, 3, 31), LISBON) is None
    first = read_slot_time("01:30 AM", date(2030, 10, 27), LISBON)
    assert first is not None
    assert first.astimezone(UTC) == datetime(2030, 10, 27, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2030-07-08T15:39:00.000Z", "2030-07-08T15:39:00", "2030-07-08T16:39:00+01:00"])
def test_a_field_that_is_utc_by_name_is_utc(text: str) -> None:
    assert read_utc(text) == datetime(2030, 7, 8, 15, 39, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "08:00", "yesterday", "2030-13-01T00:00:00Z", "0001-01-01", "9999-12-31T23:59:59Z"])
def test_a_moment_that_cannot_be_read_is_none(text: str) -> None:
    assert read_utc(text) is None


def test_a_days_date_is_never_converted() -> None:
    assert read_day("2030-07-08T00:00:00.000Z") == DAY
    assert read_day("2030-07-08") == DAY
    assert read_day("8 July") is None


@pytest.mark.parametrize(("name", "is_other"), [("Europe/Lisbon", False), ("Europe/London", False), ("", False), ("WET?", False)])
def test_zones_with_the_same_clocks_are_not_told_apart(name: str, is_other: bool) -> None:
    assert is_other_zone(name, LISBON, DAY) is is_other
    assert is_other_zone("Asia/Kolkata", LISBON, DAY)
    assert not is_other_zone("Asia/Calcutta", KOLKATA, DAY)
