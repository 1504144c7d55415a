"""Names, numbers and addresses: what looks like one is taken, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.reading.people import read_email, read_name, read_own_phone, read_phone, show_phone


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Mia Chen", "Mia Chen"),
        ("  mia   chen ", "mia chen"),
        ("João Sá", "João Sá"),
        ("O'Neill-Smith", "O'Neill-Smith"),
        ("Dr. Ana de la Cruz", "Dr. Ana de la Cruz"),
        ("My name is Mia", "Mia"),
        ("me llamo Lucía.", "Lucía"),
        ("李小龍", "李小龍"),
        ("Олена", "Олена"),
    ],
)
def test_name_is_read(typed: str, name: str) -> None:
    assert read_name(typed) == name


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "x",
        "🔥",
        "Mia 🔥",
        "no",
        "Same",
        "yes",
        "hola",
        "menu",
        "STOP",
        "/start",
        "12",
        "Mia2",
        "why?",
        "a@b.c",
        "one two three four five six",
        "." * 5,
    ],
)
def test_what_is_no_name_is_refused(typed: str) -> None:
    assert read_name(typed) is None


@pytest.mark.parametrize(
    ("typed", "region", "phone"),
    [
        ("912 345 678", "PT", "+351912345678"),
        ("+351 912 345 678", "", "+351912345678"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("+91 98765 43210", "PT", "+919876543210"),
    ],
)
def test_number_is_read(typed: str, region: str, phone: str) -> None:
    assert read_phone(typed, region) == phone


@pytest.mark.parametrize(
    "typed", ["", "12", "912345", "call 912345678", "912 345 678 or 913 345 678", "+", "🔥", "24/11", "9" * 30]
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    assert read_phone(typed, "PT") is None


def test_number_without_prefix_needs_a_region() -> None:
    assert read_phone("912 345 678", "") is None


@pytest.mark.parametrize("given_as", ["351912345678", "+351912345678", "+351 912 345 678", "912345678"])
def test_platform_number_is_read_however_it_is_given(given_as: str) -> None:
    assert read_own_phone(given_as, "PT") == "+351912345678"


def test_number_is_shown_as_people_read_it() -> None:
    assert show_phone("+351912345678") == "+351 912 345 678"
    assert show_phone("odd") == "odd"


@pytest.mark.parametrize(
    ("typed", "address"), [(" mia@example.pt ", "mia@example.pt"), ("mia+salon@mail.example.pt", "mia+salon@mail.example.pt")]
)
def test_address_is_read(typed: str, address: str) -> None:
    assert read_email(typed) == address


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "",
            "mia",
            "mia@",
            "@example.pt",
            "mia@example",
            "a b@example.pt",
            "mia@example.pt, leo@example.pt",
            "a@b." + "c" * 300,
        ),
        *("mia\u202e@example.pt", "mia@exam\x00ple.pt", "mia@example.pt\u200bx", "<mia@example.pt>"),
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    assert read_email(typed) is None


@given(st.text(max_size=60))
def test_any_line_can_be_read(typed: str) -> None:
    read_name(typed)
    read_phone(typed, "PT")
    read_own_phone(typed, "PT")
    read_email(typed)
    show_phone(typed)
