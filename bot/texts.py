"""Key + values + language → sentence, from locales/."""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path

from bot import formats
from bot.catalogue import DOMAIN, Catalogue, Hole, Template
from bot.conversation.contract import Text, Value
from bot.model import Money

DEFAULT_LANGUAGE = "en"
"""Where a sentence is looked for when a language lacks it. Complete by test."""

RELATIVE_DAYS = {-1: "when.yesterday", 0: "when.today", 1: "when.tomorrow"}
"""The keys of "today, {day}"; `{day}` is the day, or day and time, in full."""

UNKNOWN = "…"
"""Stands where a value is missing: a hole is better than no answer. Tests are strict instead."""

_NO_MATTER = datetime.min.replace(tzinfo=UTC)
"""For sentences without a time in them."""

_Wording = Callable[[Value, str, datetime], str | None]
"""Value, language, now → words; None for a value it is not meant for."""

_log = logging.getLogger(__name__)


def find_locales() -> Path:
    """The folder of the sentences: beside `bot/`, in a checkout as in an installed package."""
    return Path(__file__).parent.parent / "locales"


def list_languages(folder: Path) -> tuple[str, ...]:
    """Every language with a catalogue, sorted."""
    return tuple(sorted(file.parts[-3] for file in folder.glob(f"*/LC_MESSAGES/{DOMAIN}.po")))


class Texts:
    """The sentences of every language in `folder`.

    How a placeholder is worded, for the English of 20 November:

        {when:moment}    datetime         tomorrow, Saturday 21 November, 17:00
        {when:day}       datetime, date   tomorrow, Saturday 21 November
        {when:date}      datetime, date   21 November
        {when:weekday}   datetime, date   Saturday
        {when:time}      datetime, time   17:00
        {price:money}    Money            €55
        {length:duration} timedelta       1 hr 30 min
        {names:list}     tuple of str     Anna, Ben and Chloe
        {anything}       str, int, Text   as it is; a Text is worded first

    A time is worded in its own zone and the year is named when it is not this year's. `today` and `tomorrow` need a
    datetime, aware, because a bare date does not say where. A day at the very start of a sentence gets a capital.
    """

    def __init__(self, folder: Path, *, default: str = DEFAULT_LANGUAGE, is_strict: bool = False) -> None:
        """`is_strict`: what is missing raises LookupError instead of being logged and replaced. Raises ValueError for a
        catalogue that cannot be read, or none in the default language."""
        self._default = default
        self._is_strict = is_strict
        self._catalogues = {
            language: Catalogue.read(folder / language / "LC_MESSAGES" / f"{DOMAIN}.po", language)
            for language in list_languages(folder)
        }
        if default not in self._catalogues:
            raise ValueError(f"{folder}: no catalogue in the default language {default!r}")
        for language in self._catalogues:
            formats.preload(language)
        self._complained: set[str] = set()
        self._word_day = lru_cache(formats.KEPT)(self._word_day_uncached)
        self._wordings: Mapping[str, _Wording] = {
            "": self._word_plain,
            "moment": self._word_moment,
            "day": self._word_moment_day,
            "date": _word_date,
            "weekday": _word_weekday,
            "time": _word_time,
            "money": _word_money,
            "duration": _word_duration,
            "list": _word_list,
            "city": _word_city,
        }

    @property
    def languages(self) -> tuple[str, ...]:
        """Every language shipped, sorted."""
        return tuple(self._catalogues)

    def word(self, text: Text, language: str, *, now: datetime) -> str:
        """The sentence in the language, or in the default language where it is not shipped. `now` is aware."""
        sentence, template = self._word(text, language if language in self._catalogues else self._default, now)
        if template and isinstance(template[0], Hole) and template[0].spec in ("moment", "day", "weekday"):
            return sentence[:1].upper() + sentence[1:]
        return sentence

    def check(self) -> tuple[str, ...]:
        """What is wrong with the catalogues, one line each: keys and placeholders that differ, plural forms, untranslated."""
        return tuple(
            f"{language}: {problem}" for language, catalogue in self._catalogues.items() for problem in self._check(catalogue)
        )

    def _check(self, catalogue: Catalogue) -> list[str]:
        model = self._catalogues[self._default]
        problems = list(catalogue.problems)
        problems += [f"{key}: missing" for key in sorted(model.keys - catalogue.keys)]
        problems += [f"{key}: not in {self._default}" for key in sorted(catalogue.keys - model.keys)]
        problems += [f"{key}: missing" for key in sorted(set(RELATIVE_DAYS.values()) - catalogue.keys - model.keys)]
        for key in sorted(catalogue.keys):
            holes = catalogue.sentences[key].holes
            unknown = sorted(hole.spec for hole in holes if hole.spec not in self._wordings)
            problems += [f"{key}: nothing is worded as {spec!r}" for spec in unknown]
            if key in model.keys and holes != model.sentences[key].holes:
                problems.append(f"{key}: placeholders {_list(holes)}, expected {_list(model.sentences[key].holes)}")
        return problems

    def _word(self, text: Text, language: str, now: datetime) -> tuple[str, Template]:
        catalogue = self._catalogues[language]
        sentence = catalogue.sentences.get(text.key)
        if sentence is None:
            self._complain(f"{text.key} is missing in {language}")
            catalogue = self._catalogues[self._default]
            sentence = catalogue.sentences.get(text.key)
        if sentence is None:
            return text.key, ()
        template = catalogue.find_form(sentence, text.count)
        parts = [
            part if isinstance(part, str) else self._fill(part, text, language=catalogue.language, now=now) for part in template
        ]
        return "".join(parts), template

    def _fill(self, hole: Hole, text: Text, *, language: str, now: datetime) -> str:
        value: Value | None = text.count if hole.name == "count" and text.count is not None else text.values.get(hole.name)
        if value is None:
            self._complain(f"{text.key} has no value for {{{hole.name}}}")
            return UNKNOWN
        wording = self._wordings.get(hole.spec)
        worded = wording(value, language, now) if wording else None
        if worded is not None:
            return worded
        if isinstance(value, str):
            return value
        self._complain(f"{text.key} cannot word {{{hole.name}:{hole.spec}}} from a {type(value).__name__}")
        return UNKNOWN

    def _complain(self, problem: str) -> None:
        if self._is_strict:
            raise LookupError(problem)
        if problem not in self._complained:
            self._complained.add(problem)
            _log.error("%s", problem)

    def _word_plain(self, value: Value, language: str, now: datetime) -> str | None:
        if isinstance(value, str):
            return value
        if isinstance(value, int):
            return formats.word_number(value, language)
        if isinstance(value, Text):
            return self._word(value, language, now)[0]
        return None

    def _word_moment(self, value: Value, language: str, now: datetime) -> str | None:
        if not isinstance(value, datetime):
            return None
        return self._word_day(value.date(), value.time(), language, _nearness(value, now), _is_other_year(value, now))

    def _word_moment_day(self, value: Value, language: str, now: datetime) -> str | None:
        if not isinstance(value, date):
            return None
        return self._word_day(_day_of(value), None, language, _nearness(value, now), _is_other_year(value, now))

    def _word_day_uncached(self, day: date, at: time | None, language: str, nearness: int | None, with_year: bool) -> str:
        words = formats.word_date(day, language, with_weekday=True, with_year=with_year)
        if at is not None:
            words = formats.join_day_and_time(words, formats.word_time(at, language), language)
        if nearness is None:
            return words
        relative = Text(RELATIVE_DAYS[nearness], {"day": words})
        return self._word(relative, language, _NO_MATTER)[0]


def _word_date(value: Value, language: str, now: datetime) -> str | None:
    if not isinstance(value, date):
        return None
    return formats.word_date(_day_of(value), language, with_weekday=False, with_year=_is_other_year(value, now))


def _word_weekday(value: Value, language: str, _: datetime) -> str | None:
    return formats.word_weekday(_day_of(value), language) if isinstance(value, date) else None


def _word_time(value: Value, language: str, _: datetime) -> str | None:
    at = value.time() if isinstance(value, datetime) else value
    return formats.word_time(at, language) if isinstance(at, time) else None


def _word_money(value: Value, language: str, _: datetime) -> str | None:
    return formats.word_money(value, language) if isinstance(value, Money) else None


def _word_duration(value: Value, language: str, _: datetime) -> str | None:
    return formats.word_duration(value, language) if isinstance(value, timedelta) else None


def _word_list(value: Value, language: str, _: datetime) -> str | None:
    return formats.word_list(value, language) if isinstance(value, tuple) else None


def _word_city(value: Value, language: str, _: datetime) -> str | None:
    return formats.word_city(value, language) if isinstance(value, str) else None


def _day_of(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _nearness(value: date, now: datetime) -> int | None:
    """-1, 0 or 1 for yesterday, today and tomorrow where the value is; None for other days and for bare dates."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        return None
    days = (value.date() - now.astimezone(value.tzinfo).date()).days
    return days if days in RELATIVE_DAYS else None


def _is_other_year(value: date, now: datetime) -> bool:
    zone = value.tzinfo if isinstance(value, datetime) else None
    return value.year != (now.astimezone(zone) if zone else now).year


def _list(holes: frozenset[Hole]) -> str:
    return ", ".join(sorted(f"{{{hole.name}:{hole.spec}}}" if hole.spec else f"{{{hole.name}}}" for hole in holes)) or "none"
