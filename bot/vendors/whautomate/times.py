"""Whautomate's times: wall clocks in several spellings, and a `Z` that is true in some fields and false in others."""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(?:([ap])\.?m\.?)?", re.IGNORECASE)
"""`09:30 AM`, as in captured appointments, or `09:30`."""
TWELVE = 12
YEARS = range(2000, 2200)
"""Others are placeholders, and cannot be converted between zones at the ends of the calendar."""


def read_day(text: str) -> date | None:
    """The calendar day at the beginning of a date or date-time: what follows, a `Z` included, says nothing."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def read_slot_time(text: str, day: date, zone: ZoneInfo) -> datetime | None:
    """When a slot of `day` begins. None for what is no time, is on another day, or is skipped by spring.

    A time with an offset is believed. One with a `Z` is a wall clock all the same: the vendor writes it behind local
    times elsewhere, and what was booked is read back in the fields that are UTC by name.
    """
    try:
        moment = datetime.fromisoformat(text) if "T" in text else _read_clock(text, day)
    except ValueError:
        return None
    if moment is None or moment.year not in YEARS:
        return None
    is_wall = moment.tzinfo is None or text.upper().endswith("Z")
    found = place(moment.replace(tzinfo=None), zone) if is_wall else moment.astimezone(zone)
    return found if found is not None and found.date() == day else None


def _read_clock(text: str, day: date) -> datetime | None:
    found = CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    hour, half = int(found[1]), (found[4] or "").lower()
    if half:
        if not 1 <= hour <= TWELVE:
            return None
        hour = hour % TWELVE + (TWELVE if half == "p" else 0)
    return datetime.combine(day, time(hour, int(found[2]), int(found[3] or 0)))


def place(naive: datetime, zone: ZoneInfo) -> datetime | None:
    """A wall clock, made aware: the first of two in autumn, None for one that spring skips."""
    aware = naive.replace(tzinfo=zone)
    try:
        back = datetime.fromtimestamp(aware.timestamp(), zone)
    except (ValueError, OverflowError):
        return None
    return aware if back.replace(tzinfo=None) == naive else None


def read_utc(text: str) -> datetime | None:
    """A moment out of a field that is UTC by name, whether it says so in its value or not."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.year not in YEARS:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def is_other_zone(name: str, zone: ZoneInfo, day: date) -> bool:
    """Whether this zone's clocks show another time on that day. A name nobody knows proves nothing."""
    try:
        other = ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    noon = datetime.combine(day, time(TWELVE))
    return other.utcoffset(noon) != zone.utcoffset(noon)
