"""S10, S12 and rules 3 and 6: nonsense at every step is never stored and never the end; a person is one word away."""

import pytest

from tests.journeys.talk import BROOKLYN_DESK, CLINIC, CLINIC_DESK, HARBOUR_DESK, Customer, House, play

NONSENSE = ("no", "same", "🔥", "?")
NOT_READ = ("voice", "sticker", "photo")
UNKNOWN, LEFT_ASIDE = "I did not understand that.", "I can only read text and buttons"

# What is asked at each step, how it is answered, and how staff hear of it.
STEPS = (
    ("Where would you like to come?", "tap", "Harbour", "They were choosing a location."),
    ("Harbour. What would you like?", "tap", "Swedish", "They were choosing a service."),
    ("Swedish massage at Harbour, 60 min, €55. With whom?", "tap", "Anna", "They were choosing a person."),
    ("Swedish massage with Anna at Harbour. Which day?", "tap", "Tuesday 2 March", "They were choosing a day."),
    ("Tuesday 2 March. What time?", "tap", "13:00", "They were choosing a time."),
    ("What name is the appointment for?", "say", "Mia Chen", "They were giving their details."),
    ("What number can the salon reach you at?", "say", "+351 912 345 678", "They were giving their details."),
)
BOOKED = "Booked: tomorrow, Tuesday 2 March, 13:00 with Anna Lindqvist at Harbour (Lisbon time), Swedish massage."


async def answer(customer: Customer, how: str, what: str) -> None:
    await (customer.taps(what) if how == "tap" else customer.says(what))


async def talk_nonsense(customer: Customer, question: str) -> None:
    """Each kind is answered, with the question again; from the second time on a person comes first."""
    for count, line in enumerate(NONSENSE):
        await customer.says(line)
        await customer.reads(UNKNOWN, question)
        if count and "What number" not in question:
            assert (await customer.buttons())[0] == "Talk to a person"
    for kind in NOT_READ:
        await customer.sends(kind)
        await customer.reads(LEFT_ASIDE, question)
    assert "Talk to a person" in await customer.buttons()


def test_nonsense_at_every_step_is_answered_and_never_becomes_part_of_the_booking() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("🌸🌸", last_name="")
        await mia.says("/start")
        for question, how, what, _ in STEPS:
            await mia.reads(question)
            await talk_nonsense(mia, question)
            await answer(mia, how, what)
        await mia.reads("Tomorrow, Tuesday 2 March, 13:00 with Anna", "Name: Mia Chen, +351 912 345 678. Book it?")
        for line in NONSENSE[1:]:
            await mia.says(line)
            await mia.reads(UNKNOWN, "Book it?")
        await mia.says("no")
        await mia.reads("Nothing has been booked. What shall I change?", "Book it?")
        await mia.taps("Book 13:00")
        await mia.reads(BOOKED)
        [made] = await house.appointments()
        assert (made["guest_name"], made["guest_phone"]) == ("Mia Chen", "+351 912345678")
        assert (made["start_time"], made["staff_name"]) == ("2027-03-02T13:00:00", "Anna Lindqvist")
        await talk_nonsense_when_booked(mia)

    play(scenario)


async def talk_nonsense_when_booked(mia: Customer) -> None:
    await mia.says("no")
    await mia.reads("All right. I am here when you need me.")
    for line in NONSENSE[1:]:
        await mia.says(line)
        await mia.reads(UNKNOWN, "What would you like to do next?")
    await mia.sends("voice")
    await mia.reads(LEFT_ASIDE, "What would you like to do next?")


def test_nonsense_where_a_time_was_lost_and_while_the_salon_is_asked_is_answered_too() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await mia.says("/start")
        for choice in ("Harbour", "Swedish", "Anna"):
            await mia.taps(choice)
        await mia.says("friday 9:00")
        question = "Friday 5 March, 09:00 with Anna is not free."
        await mia.reads(question)
        await talk_nonsense(mia, question)
        await mia.taps("12:00 with Anna")
        await mia.taps("Share my number")
        await house.vendor_fault("book", "cut_after")
        await house.vendor_fault("find", "refuse", times=3)
        await mia.taps("Book 12:00")
        await mia.reads("I am checking with the salon whether it worked")
        for line in ("🔥", "same"):
            await mia.says(line)
            await mia.reads(UNKNOWN, "I am still checking with the salon")
        await mia.reads("Booked: Friday 5 March, 12:00 with Anna")

    play(scenario)


async def ask_for_a_person(house: House, mia: Customer, doing: str, *, word: str = "human", reach: str = "") -> None:
    """Staff are told what the customer was doing, and the customer that they were."""
    await house.wait(minutes=11)  # asking again at once is impatience, not news
    await mia.says(word)
    await mia.reads("I have told the team of Harbour Studio that you would like to talk to them.")
    await house.staff(HARBOUR_DESK).reads("would like to talk to a person", doing, reach)


def test_a_person_can_be_asked_for_at_every_step_and_the_booking_goes_on() -> None:
    first_line = "🌸🌸 would like to talk to a person (no phone number yet). They were choosing a location."

    async def scenario(house: House) -> None:
        mia = await house.customer("🌸🌸", last_name="")
        await mia.says("/start")
        for question, how, what, doing in STEPS:
            await mia.reads(question)
            await ask_for_a_person(house, mia, doing, reach="no phone number yet")
            await mia.taps("Go on")
            await mia.reads(question)
            await answer(mia, how, what)
        await mia.reads("Book it?")
        await ask_for_a_person(house, mia, "They were about to confirm a booking.", reach="+351 912 345 678")
        await mia.taps("Go on")
        await mia.taps("Book 13:00")
        await mia.reads(BOOKED)
        await ask_for_a_person(house, mia, "They had just booked.", word="talk to a person")
        assert await house.staff(BROOKLYN_DESK).lines() == [first_line]
        await mia.taps("Menu")
        await ask_for_a_person(house, mia, "They were not booking anything just then.", word="can I talk to a human?")
        assert len(await house.appointments()) == 1

    play(scenario)


def test_a_number_shared_for_the_person_is_passed_on_and_kept() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await mia.says("/start")
        await mia.taps("Harbour")
        await mia.taps("Talk to a person")
        await mia.reads("So that they can reach you, please share your number with the button")
        await mia.taps("Share my number")
        await mia.reads("Thank you. The team has your number now: +351 912 345 678.", "What would you like?")
        await house.staff().reads("Mia Chen would like to talk to a person (+351 912 345 678). They were choosing a service.")
        for choice in ("Swedish", "Anna", "First free"):
            await mia.taps(choice)
        await mia.reads("Name: Mia Chen, +351 912 345 678. Book it?")

    play(scenario)


@pytest.mark.parametrize("word", ["persona", "humano", "quiero hablar con una persona"])
def test_a_spanish_customer_asks_in_spanish_and_staff_are_told_in_theirs(word: str) -> None:
    async def scenario(house: House) -> None:
        carmen = await house.customer("Carmen", last_name="Ruiz", language="es", bot=CLINIC)
        await carmen.says("/start")
        await carmen.says(word)
        await carmen.reads("Riverside Physio")
        await house.staff(CLINIC_DESK, CLINIC).reads("Carmen Ruiz")

    play(scenario)
