import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wording import ELLIPSIS, clean_name, count_utf16, cut, mend

FAMILY = "👨‍👩‍👧‍👦"

texts = st.lists(
    st.one_of(
        st.sampled_from([FAMILY, "🏳️‍🌈", "🇺🇦", "e\u0301", "น้ำ", "مرحبا", "Привет", "\n\n", " ", "👍🏽", "\r\n"]),
        st.text(max_size=5),
    ),
    max_size=40,
).map("".join)


def graphemes(text: str) -> list[str]:
    return [found.group() for found in regex.finditer(r"\X", text)]


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("Anna", "Anna"),
        ("  Anna \n Maria ", "Anna Maria"),
        ("Jose\u0301", "José"),
        ("\u202egnat\u202c", "gnat"),
        ("A\u200bn\u200cn\u200da\ufeff", "Anna"),
        ("Anna\x00\x1b[31m", "Anna[31m"),
        ("\u2066Anna\u2069", "Anna"),
        ("محمد", "محمد"),
        ("علی\u200cرضا", "علی\u200cرضا"),  # noqa: RUF001
        (f"Anna {FAMILY}", f"Anna {FAMILY}"),
        ("Мария 🌸", "Мария 🌸"),
        ("Z" + "\u0301" * 50, "Ź" + "\u0301" * 4),
        ("\u200b\u2060", ""),
        ("", ""),
        (FAMILY * 70, FAMILY * 64),
        ("a" * 65, "a" * 64),
        ("Mia \x1b\nChen", "Mia Chen"),
    ],
)
def test_names_are_cleaned(given_name: str, expected: str) -> None:
    assert clean_name(given_name) == expected


@given(texts)
def test_a_clean_name_is_short_and_stays_as_it_is(text: str) -> None:
    name = clean_name(text)
    assert len(graphemes(name)) <= 64
    assert not regex.search(r"[\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]", name)
    assert clean_name(name) == name


@given(texts, st.integers(1, 120))
def test_a_cut_text_fits_and_ends_between_graphemes(text: str, limit: int) -> None:
    made = cut(text, limit)
    assert count_utf16(made) <= limit
    if made == text:
        return
    assert made.endswith(ELLIPSIS)
    kept = made.removesuffix(ELLIPSIS)
    boundaries = {"".join(graphemes(text)[:count]) for count in range(len(graphemes(text)) + 1)}
    assert kept in {boundary.rstrip() for boundary in boundaries} | boundaries


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("one two three", 13, "one two three"),
        ("one two three", 12, "one two…"),
        ("one two three", 8, "one two…"),
        ("one two three", 7, "one…"),
        ("aaaaaaaaaa", 5, "aaaa…"),
        ("one two\n\nthree four", 12, "one two…"),
        (f"a{FAMILY}b", 11, "a…"),
        (f"a{FAMILY}bc", 13, f"a{FAMILY}…"),
        (FAMILY, 5, "…"),
    ],
)
def test_texts_are_cut_after_a_paragraph_or_a_word_or_a_grapheme(text: str, limit: int, expected: str) -> None:
    assert cut(text, limit) == expected


def test_another_measure_may_be_used() -> None:
    assert cut("Привет", 7, count=lambda text: len(text.encode())) == "Пр…"


def test_half_a_surrogate_pair_is_replaced() -> None:
    assert mend("a\ud83d b") == "a\ufffd b"
    assert mend("👍 b") == "👍 b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("with \u202eannA\u202c at 17:00", "with annA at 17:00"),
        ("with \u2066\u2067Anna at 17:00", "with Anna at 17:00"),
        ("A\x00n\x1b[31mn\x7fa\u200b\ufeff", "An[31mna"),
        ("one\r\n\n\ttwo", "one\n\n\ttwo"),
        ("Z" + "\u0301" * 300 + "oe", "Z" + "\u0301" * 4 + "oe"),
        (f"{FAMILY} 🏳️‍🌈 علی\u200cرضا น้ำ", f"{FAMILY} 🏳️‍🌈 علی\u200cرضا น้ำ"),  # noqa: RUF001
    ],
)
def test_what_is_unseen_cannot_turn_a_sentence_around(text: str, expected: str) -> None:
    assert mend(text) == expected
