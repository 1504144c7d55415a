"""Days, times, money, lengths and lists in a language's own way, by CLDR."""

import re
from datetime import date, time, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, get_timezone_location, match_skeleton
from babel.lists import format_list
from babel.numbers import NumberPattern, format_currency, format_decimal, get_currency_precision, parse_pattern

from bot.model import Money

KEPT = 4096
"""Formatted values kept of each kind: a busy business shows the same few hundred times, days and prices all day."""

DATES_OF = {"en": "en_GB"}
"""Whose dates and hours a language uses, where the language alone would say too little. English without a country is
American to CLDR (November 21, 5:00 PM); the businesses we serve are everywhere, and 17:00 is understood everywhere."""

LONGEST_IN_MINUTES = timedelta(minutes=60)
"""Up to here a length is worded in minutes alone: people say "60 min" and "1 hr 30 min"."""

_QUOTED = re.compile(r"('[^']*')")
_LETTER_MEETS_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")
"""Where CLDR's currencySpacing puts a space that Babel leaves out: "KWD 5.500"."""

_WIDE = ("EEEE", "cccc", "MMMM", "LLLL")
"""Weekday and month in full, inside a date and standing alone (UTS #35, Date Field Symbol Table)."""


@lru_cache
def find_locale(language: str) -> Locale:
    """The CLDR locale of a language (`es`, `pt_BR`, `pt-br`). Raises ValueError for none."""
    try:
        return Locale.parse(language.replace("-", "_"))
    except UnknownLocaleError as error:
        raise ValueError(str(error)) from None


@lru_cache(KEPT)
def word_date(day: date, language: str, *, with_weekday: bool, with_year: bool) -> str:
    """ "Saturday 21 November", "21 November 2027"."""
    skeleton = ("y" if with_year else "") + "MMMM" + ("EEEE" if with_weekday else "") + "d"
    return format_date(day, _find_pattern(skeleton, language), locale=_find_date_locale(language))


@lru_cache(KEPT)
def word_weekday(day: date, language: str) -> str:
    """ "Saturday"."""
    return format_date(day, "cccc", locale=_find_date_locale(language))


@lru_cache(KEPT)
def word_time(at: time, language: str) -> str:
    """ "17:00"."""
    return format_time(at, "short", locale=_find_date_locale(language))


@lru_cache(KEPT)
def join_day_and_time(day: str, at: str, language: str) -> str:
    """ "Saturday 21 November, 17:00"."""
    pattern = str(_find_date_locale(language).datetime_formats["medium"])
    return pattern.replace("'", "").format(at, day)


@lru_cache(KEPT)
def word_money(money: Money, language: str) -> str:
    """ "€55", "€55.50": decimals only where there are any."""
    locale = find_locale(language)
    precision = get_currency_precision(money.currency) if money.currency else 2
    amount = Decimal(money.minor_units).scaleb(-precision)
    decimals = 0 if amount == amount.to_integral_value() else precision
    if not money.currency:
        return format_decimal(amount, _fix_decimals(locale.decimal_formats[None], decimals), locale)
    pattern = _fix_decimals(locale.currency_formats["standard"], decimals)
    return _LETTER_MEETS_DIGIT.sub("\u00a0", format_currency(amount, money.currency, pattern, locale, currency_digits=False))


@lru_cache(KEPT)
def word_duration(length: timedelta, language: str) -> str:
    """ "60 min", "1 hr 30 min", "2 hr"."""
    minutes = round(length.total_seconds() / 60)
    if length <= LONGEST_IN_MINUTES:
        return _word_unit(minutes, "duration-minute", language)
    hours, minutes = divmod(minutes, 60)
    parts = [_word_unit(hours, "duration-hour", language)]
    if minutes:
        parts.append(_word_unit(minutes, "duration-minute", language))
    return " ".join(parts)


@lru_cache(KEPT)
def word_city(zone: str, language: str) -> str:
    """ "Lisbon" for Europe/Lisbon: the city that people call a time zone by. An unknown zone is called by its name."""
    try:
        return str(get_timezone_location(ZoneInfo(zone), locale=find_locale(language), return_city=True))
    except (ZoneInfoNotFoundError, ValueError):
        return zone


@lru_cache(KEPT)
def word_list(names: tuple[str, ...], language: str) -> str:
    """ "Anna, Ben and Chloe"."""
    return format_list(names, locale=_find_date_locale(language))


@lru_cache(KEPT)
def word_number(number: int, language: str) -> str:
    """ "1,200"."""
    return format_decimal(number, locale=find_locale(language))


def preload(language: str) -> None:
    """Read the language's data now: the first use costs milliseconds that no customer should wait."""
    day = date(2026, 1, 1)
    for with_weekday in (False, True):
        for with_year in (False, True):
            word_date(day, language, with_weekday=with_weekday, with_year=with_year)
    word_weekday(day, language)
    join_day_and_time("", word_time(time(9), language), language)
    word_money(Money(1, "EUR"), language)
    word_duration(timedelta(minutes=90), language)
    word_list(("a", "b"), language)
    word_city("UTC", language)


@lru_cache
def _find_date_locale(language: str) -> Locale:
    return find_locale(DATES_OF.get(language, language))


@lru_cache
def _find_pattern(skeleton: str, language: str) -> str:
    """CLDR's pattern nearest to the skeleton, with its weekday and month written out in full."""
    locale = _find_date_locale(language)
    skeletons = locale.datetime_skeletons
    pattern = str(skeletons[match_skeleton(skeleton, skeletons)].pattern)
    return "".join(part if part.startswith("'") else _widen(part) for part in _QUOTED.split(pattern))


def _widen(pattern: str) -> str:
    """A weekday of one to three letters and a month of three are abbreviations; M and MM are numbers and stay."""
    for field in _WIDE:
        letter, least = field[0], 1 if field[0] in "Ec" else 3
        pattern = re.sub(f"(?<!{letter}){letter}{{{least},3}}(?!{letter})", field, pattern)
    return pattern


def _fix_decimals(pattern: NumberPattern, decimals: int) -> NumberPattern:
    fixed = parse_pattern(pattern.pattern)
    fixed.frac_prec = (decimals, decimals)
    return fixed


def _word_unit(number: int, unit: str, language: str) -> str:
    """As Babel's format_unit, which words one hour in Spanish "1 horas": CLDR leaves the short "one" to "other" there."""
    locale = find_locale(language)
    patterns = locale._data["unit_patterns"][unit]["short"]
    pattern: str = patterns.get(locale.plural_form(number), patterns["other"])
    return pattern.format(word_number(number, language))
