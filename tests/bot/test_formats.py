from datetime import date, time, timedelta

import pytest

from bot import formats
from bot.model import Money

SATURDAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Saturday 21 November"),
        ("es", "sábado, 21 de noviembre"),
        ("fr", "samedi 21 novembre"),
        ("ru", "суббота, 21 ноября"),
        ("ja", "11月21日土曜日"),
        ("he", "יום שבת, 21 בנובמבר"),
    ],
)
def test_weekday_and_month_are_written_in_full(language: str, expected: str) -> None:
    assert formats.word_date(SATURDAY, language, with_weekday=True, with_year=False) == expected


def test_year_is_added_on_request() -> None:
    assert formats.word_date(SATURDAY, "es", with_weekday=False, with_year=True) == "21 de noviembre de 2026"


@pytest.mark.parametrize(("language", "expected"), [("en", "09:05"), ("es", "9:05"), ("ar", "9:05 ص")])
def test_time_follows_the_language(language: str, expected: str) -> None:
    assert formats.word_time(time(9, 5), language) == expected


@pytest.mark.parametrize(
    ("money", "language", "expected"),
    [
        (Money(5500, "EUR"), "en", "€55"),
        (Money(5550, "EUR"), "en", "€55.50"),
        (Money(5500, "EUR"), "es", "55\xa0€"),
        (Money(5550, "JPY"), "en", "¥5,550"),
        (Money(5500, "KWD"), "en", "KWD\xa05.500"),
        (Money(-5500, "EUR"), "en", "-€55"),
        (Money(5500, ""), "en", "55"),
    ],
)
def test_money_has_decimals_only_where_there_are_any(money: Money, language: str, expected: str) -> None:
    assert formats.word_money(money, language) == expected


@pytest.mark.parametrize(
    ("minutes", "language", "expected"),
    [
        (45, "en", "45 min"),
        (60, "en", "60 min"),
        (90, "en", "1 hr 30 min"),
        (120, "en", "2 hr"),
        (75, "es", "1 h 15 min"),
        (90, "de", "1 Std. 30 Min."),
    ],
)
def test_length_is_worded_in_hours_and_minutes(minutes: int, language: str, expected: str) -> None:
    assert formats.word_duration(timedelta(minutes=minutes), language) == expected


def test_names_are_listed_as_the_language_does() -> None:
    assert formats.word_list(("Anna", "Ben", "Chloe"), "en") == "Anna, Ben and Chloe"
    assert formats.word_list(("Anna", "Ben"), "es") == "Anna y Ben"


@pytest.mark.parametrize(
    ("zone", "language", "city"),
    [
        ("Europe/Lisbon", "en", "Lisbon"),
        ("Europe/Lisbon", "es", "Lisboa"),
        ("America/New_York", "es", "Nueva York"),
        ("X/Y", "en", "X/Y"),
    ],
)
def test_zone_is_called_by_its_city(zone: str, language: str, city: str) -> None:
    assert formats.word_city(zone, language) == city


def test_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="xx"):
        formats.find_locale("xx")
