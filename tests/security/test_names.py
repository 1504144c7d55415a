"""Names and texts of people, and of the booking system: whatever stands in them, nobody reads anything but text."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import regex

from bot.sandbox.zenoti.demo import KEY_HARBOUR, ORGANIZATIONS
from tests.journeys.talk import BOT, HARBOUR_DESK, Customer, House, play

UNSEEN = regex.compile(r"[\p{Cc}\p{Cs}\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff--[\n\t]]", regex.V1)
TOWER = regex.compile(r"\p{Mn}{5}")
LONGEST_LABEL, LONGEST_TEXT = 64, 4096
"""UTF-16 units (telegram.md, section 4)."""

NASTY = {
    "HTML": "<b>Mia</b> <a href='http://evil.example'>x</a> &amp; &lt;",
    "Markdown": "*Mia* _x_ [here](http://evil.example) `code`",
    "turned around": "Mia \u202edekooB\u202c \u2067x\u2069",
    "zero width": "M\u200bi\u2060a\ufeff Ch\u00aden",
    "tower": "Mia" + "\u0301" * 400,
    "control": "Mia\x00\x1b[31m\x07\x7f",
    "line breaks": "Mia\n\nBooked: Friday\r\n17:00",
    "emoji": "👨‍👩‍👧‍👦🏳️‍🌈👍🏽",
    "long": "Wilhelmina " * 400,
    "placeholders": "{name} {when:moment} %s %(x)s ${y} {{}} \\n",
    "letter marks": "Mia\ue000\uf8ff\U000f0000\u2028\u2029\ufff9",
    "Redis": "fd0}:due x\r\n*1\r\n$4\r\nPING",
}


def find_unsafe(messages: list[dict[str, object]]) -> list[str]:
    """What in these messages is more than text within its limits."""
    found = []
    for message in messages:
        text = str(message["text"])
        labels = [button["text"] for row in message["inline_keyboard"] for button in row]  # type: ignore[attr-defined]
        found += [f"unseen {match.group()!r} in {line!r}" for line in (text, *labels) for match in UNSEEN.finditer(line)]
        found += [f"a tower in {line!r}" for line in (text, *labels) if TOWER.search(line)]
        found += [f"too long: {line!r}" for line in labels if len(line.encode("utf-16-le")) // 2 > LONGEST_LABEL]
        found += [f"too long: {len(text)}"] if len(text.encode("utf-16-le")) // 2 > LONGEST_TEXT else []
        found += [f"entities {message['entities']}"] if message.get("entities") else []
    return found


async def check_rooms(house: House, customer: Customer) -> None:
    for room in (await customer.room(), await house.room(BOT, HARBOUR_DESK)):
        assert find_unsafe([message for message in room["messages"] if message["from_bot"]]) == []
    calls = (await house.control("GET", "/telegram/calls"))["log"]
    assert [call for call in calls if not {"parse_mode", "entities"}.isdisjoint(call["params"])] == []
    assert [call for call in calls if call["status"] == 400] == []


@pytest.mark.parametrize("name", NASTY.values(), ids=NASTY)
def test_a_name_is_nothing_but_text_to_customer_staff_and_vendor(name: str) -> None:
    async def scenario(house: House) -> None:
        person = await house.customer(name[:64], last_name=name[-64:], phone="+351912345678")
        await person.says("/start")
        for choice in ("Harbour", "Haircut", "Anyone", "First free"):
            await person.taps(choice)
        if "What name" in await person.reads(""):
            await person.says(name[:4000])
            if "What name" in await person.reads(""):
                await person.says("Mia Chen")
        await person.taps("Share my number")
        await person.says("human")
        await person.reads("told the team")
        await person.taps("Go on")
        await person.taps("Book ")
        await person.reads("Booked:")
        await house.staff().reads("For ")
        await check_rooms(house, person)
        [made] = await house.appointments()
        assert regex.fullmatch(r"[\p{L}\u0301 .'’\-\u00b7]{2,60}", made["guest_name"]), made["guest_name"]  # noqa: RUF001

    play(scenario)


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_a_line_is_nothing_but_text_wherever_it_is_typed(text: str) -> None:
    async def scenario(house: House) -> None:
        person = await house.customer("Mia", phone="+351912345678")
        choices = ("Harbour", "Haircut", "Anyone", "First free")
        for depth in range(len(choices) + 1):
            await person.says("/start")
            for choice in choices[:depth]:
                await person.taps(choice)
            await person.says(text[:4096])
        await person.says("human")
        await person.reads("told the team")
        await check_rooms(house, person)
        assert await house.appointments() == []

    play(scenario)


@contextmanager
def renamed(service_id: str, name: str) -> Iterator[None]:
    """A service of Harbour called otherwise in its booking system."""
    services = ORGANIZATIONS[KEY_HARBOUR].services
    before = services[service_id]
    services[service_id] = dataclasses.replace(before, name=name)
    try:
        yield
    finally:
        services[service_id] = before


@pytest.mark.parametrize("name", NASTY.values(), ids=NASTY)
def test_a_vendors_name_is_nothing_but_text(name: str) -> None:
    first = next(iter(ORGANIZATIONS[KEY_HARBOUR].services))

    async def scenario(house: House) -> None:
        person = await house.customer("Mia", phone="+351912345678")
        await person.says("/start")
        await person.taps("Harbour")
        await person.reads("What would you like?")
        await person.says("1")
        await person.taps("Anyone")
        await person.taps("First free")
        await person.taps("Share my number")
        await person.taps("Book ")
        await person.reads("Booked:")
        await check_rooms(house, person)
        assert len(await house.appointments()) == 1

    with renamed(first, name):
        play(scenario)
