import logging
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.conversation.contract import Text, Value
from bot.model import Money
from bot.texts import Texts

LISBON = ZoneInfo("Europe/Lisbon")
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)

Sentences = dict[str, str | tuple[str, ...]]

ENGLISH: Sentences = {
    "when.today": "today, {day}",
    "when.tomorrow": "tomorrow, {day}",
    "when.yesterday": "yesterday, {day}",
    "ask": "{when:moment} with {person}. {length:duration}, {price:money}. Book it?",
    "bare": "Free {when:moment}",
    "day": "{when:day}",
    "date": "on {when:date}",
    "weekday": "every {when:weekday}",
    "time": "at {when:time}",
    "names": "with {names:list}",
    "nested": "So: {what}",
    "free": ("one time free with {person}", "{count} times free with {person}"),
}
SPANISH: Sentences = {
    "when.today": "hoy, {day}",
    "when.tomorrow": "mañana, {day}",
    "when.yesterday": "ayer, {day}",
    "ask": "{when:moment} con {person}. {length:duration}, {price:money}. ¿La reservo?",
    "free": ("una hora libre con {person}", "{count} horas libres con {person}"),
}
TWO_FORMS = "nplurals=2; plural=(n != 1);"


def write_catalogue(folder: Path, language: str, sentences: Sentences, plural: str = TWO_FORMS) -> None:
    lines = ['msgid ""', 'msgstr ""', rf'"Language: {language}\n"', rf'"Plural-Forms: {plural}\n"', ""]
    lines[4:4] = [r'"Content-Type: text/plain; charset=utf-8\n"']
    for key, value in sentences.items():
        lines.append(f'msgid "{key}"')
        if isinstance(value, str):
            lines.append(f'msgstr "{value}"')
        else:
            lines.append(f'msgid_plural "{key}"')
            lines += [f'msgstr[{form}] "{string}"' for form, string in enumerate(value)]
        lines.append("")
    file = folder / language / "LC_MESSAGES" / "frontdesk.po"
    file.parent.mkdir(parents=True)
    file.write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_catalogue(tmp_path, "en", ENGLISH)
    write_catalogue(tmp_path, "es", SPANISH)
    return tmp_path


@pytest.fixture
def word(folder: Path) -> Callable[..., str]:
    texts = Texts(folder, is_strict=True)

    def word(key: str, *, language: str = "en", now: datetime = NOW, count: int | None = None, **values: Value) -> str:
        return texts.word(Text(key, values, count), language, now=now)

    return word


def test_booking_question_reads_as_promised(word: Callable[..., str]) -> None:
    values = {
        "when": datetime(2026, 11, 21, 17, tzinfo=LISBON),
        "person": "Anna",
        "length": timedelta(minutes=60),
        "price": Money(5500, "EUR"),
    }
    assert word("ask", **values) == "Tomorrow, Saturday 21 November, 17:00 with Anna. 60 min, €55. Book it?"
    assert word("ask", language="es", **values) == (
        "Mañana, sábado, 21 de noviembre, 17:00 con Anna. 60 min, 55\xa0€. ¿La reservo?"
    )


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (datetime(2026, 11, 19, 9, tzinfo=LISBON), "Free yesterday, Thursday 19 November, 09:00"),
        (datetime(2026, 11, 20, 18, tzinfo=LISBON), "Free today, Friday 20 November, 18:00"),
        (datetime(2026, 11, 22, 18, tzinfo=LISBON), "Free Sunday 22 November, 18:00"),
        (datetime(2027, 1, 2, 18, tzinfo=LISBON), "Free Saturday, 2 January 2027, 18:00"),
    ],
)
def test_day_is_named_by_its_nearness(word: Callable[..., str], when: datetime, expected: str) -> None:
    assert word("bare", when=when) == expected


@pytest.mark.parametrize(
    ("zone", "now", "when", "expected"),
    [
        # 23:30 in London is already tomorrow in Madrid.
        ("Europe/Madrid", datetime(2026, 11, 20, 23, 30, tzinfo=UTC), "2026-11-21T09:00", "today"),
        ("Europe/London", datetime(2026, 11, 20, 23, 30, tzinfo=UTC), "2026-11-21T09:00", "tomorrow"),
        ("Pacific/Auckland", datetime(2026, 11, 20, 12, tzinfo=UTC), "2026-11-21T09:00", "today"),
        # The night of the change has 25 hours: 24 hours after 00:30 it is still the same day.
        ("Europe/Madrid", datetime(2026, 10, 24, 22, 30, tzinfo=UTC), "2026-10-25T23:30", "today"),
        ("Europe/Madrid", datetime(2026, 10, 25, 22, 59, tzinfo=UTC), "2026-10-26T00:00", "tomorrow"),
        # And one of 23: 23 hours after 00:30 it is tomorrow.
        ("Europe/Madrid", datetime(2026, 3, 28, 23, 30, tzinfo=UTC), "2026-03-30T00:30", "tomorrow"),
    ],
)
def test_today_is_judged_where_the_appointment_is(
    word: Callable[..., str], zone: str, now: datetime, when: str, expected: str
) -> None:
    assert word("bare", when=datetime.fromisoformat(when).replace(tzinfo=ZoneInfo(zone)), now=now).startswith(
        f"Free {expected}, "
    )


def test_year_is_judged_where_the_appointment_is(word: Callable[..., str]) -> None:
    new_year = datetime(2027, 1, 1, 10, tzinfo=ZoneInfo("Pacific/Auckland"))
    assert word("date", when=new_year, now=datetime(2026, 12, 31, 12, tzinfo=UTC)) == "on 1 January"


def test_same_instant_elsewhere_is_worded_elsewhere(word: Callable[..., str]) -> None:
    in_lisbon = datetime(2026, 11, 23, 17, tzinfo=LISBON)
    in_madrid = in_lisbon.astimezone(ZoneInfo("Europe/Madrid"))
    assert in_lisbon == in_madrid
    assert word("time", when=in_lisbon) == "at 17:00"
    assert word("time", when=in_madrid) == "at 18:00"
    assert word("bare", when=in_lisbon).endswith("17:00")
    assert word("bare", when=in_madrid).endswith("18:00")


def test_bare_date_is_never_called_today(word: Callable[..., str]) -> None:
    assert word("day", when=date(2026, 11, 20)) == "Friday 20 November"


def test_day_at_the_start_gets_a_capital(word: Callable[..., str]) -> None:
    tomorrow = datetime(2026, 11, 21, 0, tzinfo=LISBON)
    assert word("day", when=tomorrow) == "Tomorrow, Saturday 21 November"
    assert word("nested", what=Text("day", {"when": tomorrow})) == "So: tomorrow, Saturday 21 November"


def test_every_form_of_value_is_worded(word: Callable[..., str]) -> None:
    assert word("weekday", when=date(2026, 11, 21)) == "every Saturday"
    assert word("date", when=date(2026, 11, 21)) == "on 21 November"
    assert word("time", when=time(9, 30)) == "at 09:30"
    assert word("names", names=("Anna", "Ben")) == "with Anna and Ben"
    assert word("nested", what=1200) == "So: 1,200"


@pytest.mark.parametrize(("count", "expected"), [(1, "one time free with Anna"), (2, "2 times free with Anna")])
def test_count_chooses_the_plural_form(word: Callable[..., str], count: int, expected: str) -> None:
    assert word("free", count=count, person="Anna") == expected


def test_catalogues_own_plural_rule_is_used(tmp_path: Path) -> None:
    write_catalogue(tmp_path, "en", {"hours": ("{count} hour", "{count} hours")})
    polish = "nplurals=3; plural=(n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);"
    write_catalogue(tmp_path, "pl", {"hours": ("{count} godzina", "{count} godziny", "{count} godzin")}, polish)
    texts = Texts(tmp_path, is_strict=True)
    worded = [texts.word(Text("hours", count=count), "pl", now=NOW) for count in (1, 3, 5, 22)]
    assert worded == ["1 godzina", "3 godziny", "5 godzin", "22 godziny"]


def test_text_given_by_a_person_is_not_read_as_a_template(word: Callable[..., str]) -> None:
    assert word("nested", what="{when:moment} {person}") == "So: {when:moment} {person}"


def test_language_not_shipped_gets_the_default(word: Callable[..., str]) -> None:
    assert word("time", language="de", when=time(9, 30)) == "at 09:30"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (Text("nowhere"), "nowhere is missing in es"),
        (Text("time"), "time is missing in es"),
        (Text("ask", {"when": NOW}), "ask has no value for {person}"),
        (Text("ask", {"when": 3}), "ask cannot word {when:moment} from a int"),
    ],
)
def test_strict_texts_raise_what_is_missing(folder: Path, text: Text, problem: str) -> None:
    with pytest.raises(LookupError) as caught:
        Texts(folder, is_strict=True).word(text, "es", now=NOW)
    assert caught.value.args[0] == problem


def test_live_texts_fall_back_and_log_once(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    texts = Texts(folder)
    with caplog.at_level(logging.ERROR):
        assert [texts.word(Text("time", {"when": time(9)}), "es", now=NOW) for _ in range(2)] == ["at 09:00"] * 2
        assert texts.word(Text("time"), "en", now=NOW) == "at …"
        assert texts.word(Text("nowhere"), "en", now=NOW) == "nowhere"
    assert [record.message for record in caplog.records] == [
        "time is missing in es",
        "time has no value for {when}",
        "nowhere is missing in en",
    ]


def test_check_reports_what_differs(tmp_path: Path) -> None:
    write_catalogue(tmp_path, "en", {"a": "{x}", "b": "{when:day}", "c": "{x:nonsense}", "d": "d", **_relative(ENGLISH)})
    write_catalogue(
        tmp_path, "es", {"a": "{y}", "b": "{when:date}", "c": "{x:nonsense}", "d": "", "e": "e", **_relative(SPANISH)}
    )
    assert Texts(tmp_path).check() == (
        "en: c: nothing is worded as 'nonsense'",
        "es: d: not translated",
        "es: d: missing",
        "es: e: not in en",
        "es: a: placeholders {y}, expected {x}",
        "es: b: placeholders {when:date}, expected {when:day}",
        "es: c: nothing is worded as 'nonsense'",
    )


def test_check_reports_plurals_unlike_cldr(tmp_path: Path) -> None:
    write_catalogue(tmp_path, "en", _relative(ENGLISH), "nplurals=2; plural=(n > 1);")
    assert Texts(tmp_path).check() == ("en: Plural-Forms: the form for 1 is not the one CLDR calls 'one'",)


def test_complete_catalogues_have_no_problems(tmp_path: Path) -> None:
    write_catalogue(tmp_path, "en", ENGLISH)
    write_catalogue(tmp_path, "es", {**ENGLISH, **SPANISH})
    texts = Texts(tmp_path)
    assert texts.check() == ()
    assert texts.languages == ("en", "es")


def test_unbalanced_braces_are_reported(tmp_path: Path) -> None:
    write_catalogue(tmp_path, "en", {"a": "{x", "b": "{x.y}", **_relative(ENGLISH)})
    problems = Texts(tmp_path).check()
    assert [problem.split(":")[1] for problem in problems] == [" a", " b"]


def test_folder_without_the_default_language_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no catalogue in the default language 'en'"):
        Texts(tmp_path)


def _relative(sentences: Sentences) -> Sentences:
    return {key: value for key, value in sentences.items() if key.startswith("when.")}
