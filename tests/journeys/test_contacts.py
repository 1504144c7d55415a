"""Promise 7 and the names of people: a number is proven or typed, and a name arrives clean wherever it is read."""

import pytest

from tests.journeys.talk import Customer, House, play


async def lead_to_the_number(house: House, customer: Customer) -> None:
    await customer.says("/start")
    for choice in ("Harbour", "Haircut", "Anyone", "First free"):
        await customer.taps(choice)
    await customer.reads("What number can the salon reach you at?")


def test_the_card_of_somebody_else_proves_nothing() -> None:
    async def scenario(house: House) -> None:
        mia, noah = await house.customer("Mia", phone="+351912345678"), await house.customer("Noah", phone="+351912345679")
        await lead_to_the_number(house, mia)
        await mia.shares_contact(of=noah.chat)
        await mia.reads("That card belongs to someone else, so I did not take it.", "What number")
        await mia.taps("Share my number")
        await mia.reads("+351 912 345 678. Book it?")
        await mia.taps("Book 13:00")
        await mia.reads("Booked")
        [made] = await house.appointments()
        assert made["guest_phone"] == "+351 912345678"

    play(scenario)


@pytest.mark.parametrize(
    ("place", "typed", "shown"),
    [
        ("Harbour", "912 345 678", "+351 912 345 678"),
        ("Harbour", "+34 612 34 56 78", "+34 612 34 56 78"),
        ("Brooklyn", "(212) 555-0142", "+1 212-555-0142"),
        ("Bandra", "98200 00140", "+91 98200 00140"),
    ],
)
def test_a_typed_number_is_read_in_the_locations_country(place: str, typed: str, shown: str) -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia")
        await mia.says("/start")
        for choice in (place, "Swedish", "Anyone", "First free"):
            await mia.taps(choice)
        await mia.reads("What number")
        await mia.says(typed)
        await mia.reads(f"Name: Mia Chen, {shown}. Book it?")

    play(scenario)


@pytest.mark.parametrize("typed", ["12", "my number", "call me maybe", "+351 9", "912 345"])
def test_what_is_no_number_is_not_taken_for_one(typed: str) -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia")
        await lead_to_the_number(house, mia)
        await mia.says(typed)
        await mia.reads("What number can the salon reach you at?")

    play(scenario)


def test_the_number_is_asked_for_once_and_can_be_changed() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia")
        await lead_to_the_number(house, mia)
        await mia.says("912 345 678")
        await mia.taps("Change number")
        await mia.reads("What number")
        await mia.says("912 345 679")
        await mia.reads("Name: Mia Chen, +351 912 345 679. Book it?")
        await mia.taps("Change name")
        await mia.says("Maria do Carmo")
        await mia.reads("Name: Maria do Carmo, +351 912 345 679. Book it?")
        await mia.taps("Book 13:00")
        await mia.reads("Booked")
        [made] = await house.appointments()
        assert (made["guest_name"], made["guest_phone"]) == ("Maria do Carmo", "+351 912345679")

    play(scenario)


NAMES = {
    "emoji": (("Zoë 🌸", "O'Neil-Łukasz"), "Zoë O'Neil-Łukasz"),
    "right to left": (("مريم", "حسن"), "مريم حسن"),
    "turned around": (("Mia\u202e", "nehC\u200f"), "Mia nehC"),
    "Cyrillic": (("Мария", "Иванова"), "Мария Иванова"),
    "spaces": (("  Mia ", " Chen  "), "Mia Chen"),
}


@pytest.mark.parametrize(("name", "clean"), NAMES.values(), ids=NAMES)
def test_a_platforms_name_arrives_clean_everywhere(name: tuple[str, str], clean: str) -> None:
    async def scenario(house: House) -> None:
        person = await house.customer(name[0], last_name=name[1], phone="+351912345678")
        await lead_to_the_number(house, person)
        await person.taps("Share my number")
        await person.reads(f"Name: {clean}, +351 912 345 678. Book it?")
        await person.taps("Book 13:00")
        await person.reads("Booked")
        [made] = await house.appointments()
        assert made["guest_name"] == clean
        await house.staff().reads(f"For {clean}, +351 912 345 678.")

    play(scenario)


@pytest.mark.parametrize("name", ["<b>Mia</b>", "Mia_x *bold*", "{name}", "http://spam.example", "🌸🌸"])
def test_what_is_no_name_is_asked_for_instead(name: str) -> None:
    async def scenario(house: House) -> None:
        person = await house.customer(name, last_name="", phone="+351912345678")
        await person.says("/start")
        for choice in ("Harbour", "Haircut", "Anyone", "First free"):
            await person.taps(choice)
        await person.reads("What name is the appointment for?")
        await person.says(name)
        await person.reads("I did not understand that.", "What name is the appointment for?")
        await person.says("I'm Mia Chen")
        await person.taps("Share my number")
        await person.taps("Book 13:00")
        await person.reads("Booked")
        [made] = await house.appointments()
        assert made["guest_name"] == "Mia Chen"

    play(scenario)


def test_staff_read_a_strange_name_as_it_is_and_on_one_line() -> None:
    async def scenario(house: House) -> None:
        person = await house.customer("\u202e<b>Mia</b>\n_x_ {name} %s", last_name="")
        await person.says("human")
        line = await house.staff().reads("would like to talk to a person")
        assert line.startswith("<b>Mia</b> _x_ {name} %s would like to talk to a person (no phone number yet).")

    play(scenario)
