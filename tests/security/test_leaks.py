"""The scanner finds what it is to find: otherwise its silence would mean nothing."""

import pytest

from tests.security.leaks import MANY, Private, find_leaks

TOKEN = "1234567:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
PRIVATE = Private(secrets=[TOKEN, "hook+secret/1"], phones=["+351912345678", "+14155550132"], words=["Quintessa Ní Bhriain"])


@pytest.mark.parametrize(
    "text",
    [
        f"POST /bot{TOKEN}/sendMessage",
        "POST /bot1234567%3AAAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/getMe",
        "the tail AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw alone",
        "header hook+secret/1",
        "?secret=hook%2Bsecret%2F1",
        "call +351912345678",
        "call +351 912 345 678",
        "call 00351-912-345-678 now",
        "call 912345678",
        'json "phone":"351912345678"',
        "call (415) 555-0132",
        "Quintessa Ní Bhriain wrote",
        "QUINTESSA NÍ BHRIAIN",
        "quintessa n\\u00ed bhriain",
        "name=Quintessa%20N%C3%AD%20Bhriain",
        "name=Quintessa+N%C3%AD+Bhriain",
    ],
)
def test_every_way_to_write_it_is_found(text: str) -> None:
    assert len(find_leaks(f"2026-11-20 INFO start\n{text}\nend", PRIVATE)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bot 1234567 runs",
        "Quintessa alone is another",
        "took 351912 ms",
        "harbour:telegram:5000000001",
        "2026-11-20 16:02:14,351",
    ],
)
def test_what_is_not_private_is_passed_over(text: str) -> None:
    assert find_leaks(text, PRIVATE) == []


def test_a_finding_names_the_line_and_not_the_secret_twice() -> None:
    (leak,) = find_leaks("one\ntwo hook+secret/1 three\nfour", PRIVATE)
    assert leak == "secret 2 (ho…, 13 characters) in: two hook+secret/1 three"


def test_many_words_are_found_in_one_pass() -> None:
    crowd = Private(words=[f"Guest{number}x Test" for number in range(MANY + 1)])
    assert len(find_leaks("line\nturn of Guest7x Test failed", crowd)) == 1
    assert find_leaks("turn of Guest failed, Test", crowd) == []


def test_a_secret_too_short_to_be_told_apart_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        find_leaks("", Private(secrets=["demo"]))
