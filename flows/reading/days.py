"""A typed line as a day: "tomorrow", "friday", "24", "24/11", "24 nov", "next week", in every language."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from babel.dates import get_day_names, get_month_names

from flows.reading.folding import fold
from flows.words import WORDS

# Further ahead nobody books and few vendors answer.
FARTHEST = timedelta(days=180)

# Where 3/4 is the fourth of March (ISO 3166 alpha-2).
MONTH_FIRST = frozenset({"US", "PH"})

DAYS_IN_WEEK = 7
MONTHS_IN_YEAR = 12
HOURS_IN_DAY = 24


@dataclass(frozen=True, slots=True)
class DayWish:
    """What a line says about the day."""

    days: tuple[date, ...] = ()
    """The days it may mean, ascending: several are a question back."""
    rest: str = ""
    """What is left of the line: perhaps an hour."""
    is_impossible: bool = False
    """It names a day that the calendar does not have, or one too far away."""


_RELATIVE = (
    (re.compile(r"\b(?:day after tomorrow|pasado manana)\b"), 2),
    (re.compile(r"\b(?:yesterday|ayer)\b"), -1),
    (re.compile(r"\b(?:today|tonight|hoy|esta (?:tarde|noche|manana))\b"), 0),
    (re.compile(r"\b(?:tomorrow|tmrw|tomorow|tommorow)\b"), 1),
    # "por la mañana" and "de la mañana" are the morning, not tomorrow.
    (re.compile(r"(?<!la )(?<!de )\bmanana\b"), 1),
)
_AHEAD = re.compile(r"\b(?:in|en|dentro de) (\d{1,3}) (?:days?|dias?)\b")
_NEXT_WEEK = re.compile(r"\b(?:next week|(?:la )?(?:proxima semana|semana que viene))\b")
_WEEKEND = re.compile(r"\b(?:(?:this |the )?weekend|(?:este |el )?fin de semana|finde)\b")
_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_NUMERIC = re.compile(r"(?<![\d:.])(\d{1,2})\s?[/.-]\s?(\d{1,2})(?:\s?[/.-]\s?(\d{4}|\d{2}))?(?![\d:])(?!\s?(?:am|pm|h)\b)")
_RANGE = re.compile(r"[\d:. ]+-[\d:. ]+h?")
_BARE = re.compile(r"(?:(?:on|el|the|dia|el dia)\s+)?(\d{1,2})(?:st|nd|rd|th|º|o)?[.!]?")
_ORDINAL = re.compile(r"\b(?:on |the )*(\d{1,2})(?:st|nd|rd|th)\b|\b(?:el|dia|el dia) (\d{1,2})\b(?![:.]\d)")
_NEXT = r"(?P<next>(?:next|proximo|el proximo)\s+)?"
_THIS = r"(?:(?:on|this|coming|el|este)\s+)*"


def read_day(text: str, today: date, *, country: str = "", prefers_hours: bool = False) -> DayWish:
    """The day in the line, and what else it says. `prefers_hours`: "5" is an hour and "10-12" are hours, not dates."""
    line = fold(text)
    if prefers_hours and _RANGE.fullmatch(line):
        return DayWish(rest=line)
    for read in (_read_relative, _read_exact, _read_named_month, _read_weekday, _read_span, _read_ordinal):
        wish = read(line, today, country)
        if wish:
            return wish
    bare = None if prefers_hours else _BARE.fullmatch(line)
    return _day_of_month(int(bare.group(1)), today, "") if bare else DayWish(rest=line)


def _read_relative(line: str, today: date, country: str) -> DayWish | None:
    for pattern, days in _RELATIVE:
        if match := pattern.search(line):
            # "tonight" says the hour as well: leave it to be read again.
            rest = line if match.group().startswith(("tonight", "esta")) else _without(line, match)
            return DayWish((today + timedelta(days=days),), rest)
    match = _AHEAD.search(line)
    if not match:
        return None
    ahead = timedelta(days=int(match.group(1)))
    return DayWish((today + ahead,), _without(line, match)) if ahead <= FARTHEST else DayWish(is_impossible=True)


def _read_exact(line: str, today: date, country: str) -> DayWish | None:
    if match := _ISO.search(line):
        return _named_day(int(match.group(3)), int(match.group(2)), int(match.group(1)), today, _without(line, match))
    match = _NUMERIC.search(line)
    if not match:
        return None
    day, month = int(match.group(1)), int(match.group(2))
    if "." in match.group():
        # 17.30 is an hour; with a dot nobody writes the month first.
        return (
            _named_day(day, month, _full_year(match.group(3)), today, _without(line, match)) if month <= MONTHS_IN_YEAR else None
        )
    if (country in MONTH_FIRST and day <= MONTHS_IN_YEAR) or (month > MONTHS_IN_YEAR >= day):
        day, month = month, day
    return _named_day(day, month, _full_year(match.group(3)), today, _without(line, match))


def _read_named_month(line: str, today: date, country: str) -> DayWish | None:
    names = "|".join(sorted(map(re.escape, _months()), key=len, reverse=True))
    day, month, year = r"(\d{1,2})(?:st|nd|rd|th)?", rf"({names})\b\.?", r"(?:,?\s*(?:de |del )?(\d{4}))?"
    if match := re.search(rf"\b{day}\s*(?:de |of )?{month}{year}", line):
        return _named_day(
            int(match.group(1)), _months()[match.group(2)], _full_year(match.group(3)), today, _without(line, match)
        )
    if match := re.search(rf"\b{month}\s*(?:the )?{day}\b(?!:){year}", line):
        return _named_day(
            int(match.group(2)), _months()[match.group(1)], _full_year(match.group(3)), today, _without(line, match)
        )
    return None


def _read_weekday(line: str, today: date, country: str) -> DayWish | None:
    names = "|".join(sorted(map(re.escape, _weekdays()), key=len, reverse=True))
    match = re.search(rf"\b{_THIS}{_NEXT}(?P<name>{names})\b\.?(?P<later>\s+que viene)?", line)
    if not match:
        return None
    ahead = (_weekdays()[match.group("name")] - today.weekday()) % DAYS_IN_WEEK
    first, second = today + timedelta(days=ahead), today + timedelta(days=ahead + DAYS_IN_WEEK)
    if ahead == 0:
        # Said on that very weekday, it may mean today or a week from now; "next" can only mean the latter.
        days = (second,) if match.group("next") or match.group("later") else (first, second)
    else:
        days = (first, second) if match.group("next") else (first,)
    return _with_number(days, _without(line, match), today)


def _with_number(days: tuple[date, ...], rest: str, today: date) -> DayWish:
    """ "Tuesday 24" names one day twice; where the two disagree and 24 is no hour, both are asked about."""
    match = _BARE.fullmatch(rest)
    named = _day_of_month(int(match.group(1)), today, "").days if match else ()
    if not named:
        return DayWish(days, rest)
    if named[0].weekday() == days[0].weekday():
        return DayWish(named)
    return DayWish(days, rest) if match and int(match.group(1)) < HOURS_IN_DAY else DayWish(tuple(sorted({*days, *named})))


def _read_span(line: str, today: date, country: str) -> DayWish | None:
    monday = today - timedelta(days=today.weekday())
    if match := _NEXT_WEEK.search(line):
        return DayWish(tuple(monday + timedelta(days=7 + number) for number in range(7)), _without(line, match))
    if match := _WEEKEND.search(line):
        days = tuple(monday + timedelta(days=number) for number in (5, 6))
        return DayWish(tuple(day for day in days if day >= today), _without(line, match))
    return None


def _read_ordinal(line: str, today: date, country: str) -> DayWish | None:
    match = _ORDINAL.search(line)
    return _day_of_month(int(match.group(1) or match.group(2)), today, _without(line, match)) if match else None


def _day_of_month(number: int, today: date, rest: str) -> DayWish:
    """The next such day, in this month or one of the two after it."""
    for month in _coming_months(today):
        if 1 <= number <= monthrange(month.year, month.month)[1] and month.replace(day=number) >= today:
            return DayWish((month.replace(day=number),), rest)
    return DayWish(is_impossible=True)


def _named_day(number: int, month: int, year: int | None, today: date, rest: str) -> DayWish:
    """Without a year: this year's, or next year's where that is near enough to be meant."""
    try:
        day = date(year or today.year, month, number)
        if year is None and day < today and day.replace(year=today.year + 1) - today <= FARTHEST:
            day = day.replace(year=today.year + 1)
    except ValueError:
        return DayWish(is_impossible=True)
    return DayWish((day,), rest) if day - today <= FARTHEST else DayWish(is_impossible=True)


def _coming_months(today: date) -> Iterator[date]:
    first = today.replace(day=1)
    for _ in range(3):
        yield first
        first = (first + timedelta(days=32)).replace(day=1)


def _full_year(text: str | None) -> int | None:
    if not text:
        return None
    return int(text) if len(text) == 4 else 2000 + int(text)


def _without(line: str, match: re.Match[str]) -> str:
    return " ".join((line[: match.start()] + " " + line[match.end() :]).split())


@cache
def _weekdays() -> dict[str, int]:
    """Every name of every weekday, Monday is 0."""
    return {
        fold(name).rstrip("."): number
        for language in WORDS
        for width in ("wide", "abbreviated")
        for number, name in get_day_names(width, locale=language).items()
    }


@cache
def _months() -> dict[str, int]:
    """Every name of every month, with the three letters people shorten it to."""
    names: dict[str, int] = {}
    for language in WORDS:
        for number, name in get_month_names("wide", locale=language).items():
            names |= {fold(name): number, fold(name)[:3]: number}
        for number, name in get_month_names("abbreviated", locale=language).items():
            names[fold(name).rstrip(".")] = number
    return names
