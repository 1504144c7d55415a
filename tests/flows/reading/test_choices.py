"""A line picks one of several names, or leaves several to choose from."""

import pytest

from flows.reading.choices import find_names, match_names, read_number

NAMES = ("Massage", "Hot Stone Massage", "João Sá", "Cut and Blow-dry", "Manicure", "")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("massage", (0,)),
        ("mass", (0, 1)),
        ("hot stone massage please", (1,)),
        ("stone", (1,)),
        ("joao", (2,)),
        ("JOÃO SÁ!", (2,)),
        ("with joão", (2,)),
        ("man", (4,)),
        ("masage", (0, 1)),
        ("manicura", (4,)),
        ("and now", ()),
        ("m", ()),
        ("🔥", ()),
        ("is there a man who could do it", ()),
    ],
)
def test_names_are_matched(typed: str, found: tuple[int, ...]) -> None:
    assert match_names(NAMES, typed) == found


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("a hot stone massage tomorrow with joão", (1,)),
        ("something with stone tomorrow", (1,)),
        ("blow dry and manicure", (4,)),
        ("tomorrow at five", ()),
    ],
)
def test_names_are_found_in_a_sentence(said: str, found: tuple[int, ...]) -> None:
    assert find_names(NAMES[1:], said) == tuple(index - 1 for index in found)


@pytest.mark.parametrize(
    ("typed", "number"), [("3", 3), (" 3. ", 3), ("#3", 3), ("(3)", 3), ("3pm", None), ("1234", None), ("", None)]
)
def test_number_is_read(typed: str, number: int | None) -> None:
    assert read_number(typed) == number
