"""From the first tap to the appointment, in as few taps as there are things to choose."""

from dataclasses import replace

from bot.conversation.contract import DeskTraits
from tests.flows.chat import Chat
from tests.flows.salon import ANNA, HAIRCUT, HARBOUR, MARCO, SOHO, SWEDISH, Salon


def test_new_customer_books_in_six_taps() -> None:
    chat = Chat()

    assert chat.command("start").endswith("Where would you like to come?")
    assert chat.tap("Harbour") == "Harbour. What would you like?"
    assert chat.tap("Swedish Massage") == "Swedish Massage at Harbour, 60 min, €55. With whom?"
    assert chat.tap("Anyone").startswith("Swedish Massage with whoever is free at Harbour. Which day?")
    assert chat.tap("First free: today, 12:30").startswith(
        "Swedish Massage with whoever is free at Harbour, today, Friday 20 November, 12:30."
    )
    chat.share()
    assert chat.tap("Book 12:30") == "One moment, I am asking the salon …"
    assert chat.succeed().startswith(
        "Booked: today, Friday 20 November, 12:30 with Anna at Harbour (Lisbon time), Swedish Massage."
    )

    assert (chat.taps, chat.lines) == (6, 0)


def test_new_customer_books_in_six_taps_and_one_line() -> None:
    chat = Chat()
    chat.command("start")
    for label in ("Harbour", "Swedish Massage", "Anna", "Tomorrow", "17:00"):
        chat.tap(label)
    chat.say("912 345 678")
    chat.tap("Book 17:00")

    assert chat.succeed().startswith("Booked: tomorrow, Saturday 21 November, 17:00 with Anna at Harbour")
    assert (chat.taps, chat.lines) == (6, 1)


def test_returning_customer_books_in_five_taps() -> None:
    chat = Chat()
    chat.session.name, chat.session.phone, chat.session.customer_id = "Mia Chen", "+351912345678", "cu-1"
    chat.command("start")
    for label in ("Harbour", "Haircut", "Anna", "First free", "Book"):
        chat.tap(label)

    assert chat.succeed().startswith("Booked:")
    assert chat.taps == 5
    assert chat.requests[0].request.contact.customer_id == "cu-1"


def test_the_desk_is_looked_at_sparingly() -> None:
    chat = Chat()
    chat.to_summary()
    assert chat.salon.looks <= 6


def test_steps_with_one_answer_are_never_asked() -> None:
    salon = Salon(locations=(HARBOUR,), traits=DeskTraits(needs_phone=False))
    salon.services[HARBOUR.id], salon.staff[HARBOUR.id] = (HAIRCUT,), (ANNA,)
    chat = Chat(salon)

    assert "Haircut with Anna at Harbour. Which day?" in chat.command("start")
    assert "Back" not in chat.labels
    summary = chat.tap("First free")

    assert summary.startswith("Today, Friday 20 November, 12:30 with Anna at Harbour.\n\nHaircut, 45 min, €35.")
    assert "Change person" not in chat.labels


def test_no_choice_of_staff_where_the_vendor_has_none() -> None:
    chat = Chat(Salon(traits=DeskTraits(can_choose_staff=False)))
    chat.command("start")
    chat.tap("Harbour")
    assert chat.tap("Haircut").startswith("Haircut with whoever is free at Harbour. Which day?")


def test_anyone_is_not_offered_where_it_cannot_be_booked() -> None:
    chat = Chat(Salon(traits=DeskTraits(can_book_anyone=False)))
    chat.command("start")
    chat.tap("Harbour")
    chat.tap("Haircut")
    assert chat.labels[:3] == ["Anna", "Marco", "João Sá"]


def test_back_goes_through_every_step_with_a_choice() -> None:
    chat = Chat()
    chat.to_summary()
    states = []
    while "Back" in chat.labels:
        chat.tap("Back")
        states.append(chat.state)
    assert states == ["time", "day", "staff", "service", "location"]
    assert chat.say("back").startswith("This is the first step, there is nothing before it.")


def test_going_back_loses_nothing() -> None:
    chat = Chat()
    chat.to_summary()
    for _ in range(3):
        chat.say("back")
    assert chat.state == "staff"
    assert chat.tap("Marco").startswith("Tomorrow, Saturday 21 November, 17:00 with Marco at Harbour (Lisbon time).")


def test_old_button_changes_its_choice_and_keeps_the_rest() -> None:
    chat = Chat()
    chat.to_summary()
    haircut = next(button for button in chat.buttons if button.value == HAIRCUT.id)

    assert chat.press(haircut).startswith(
        "Tomorrow, Saturday 21 November, 17:00 with Anna at Harbour (Lisbon time).\n\nHaircut, 45 min"
    )


def test_what_no_longer_fits_is_asked_again_and_said() -> None:
    chat = Chat()
    chat.to_summary()
    soho = next(button for button in chat.buttons if button.value == SOHO.id)
    chat.salon.services[SOHO.id] = (HAIRCUT, replace(HAIRCUT, id="svc-cut2", name="Long Haircut"))

    text = chat.press(soho)

    assert text == "The service you had chosen is not offered there.\n\nSoho. What would you like?"


def test_staff_member_who_is_not_there_is_asked_again() -> None:
    chat = Chat()
    chat.to_summary()
    chat.salon.staff[HARBOUR.id] = (MARCO, replace(ANNA, id="st-new", name="Ines"))
    assert "The person you had chosen does not do this there." in chat.say("again please")


def test_old_service_button_after_a_booking_starts_a_new_one() -> None:
    chat = Chat()
    chat.to_summary()
    chat.tap("Book")
    chat.succeed()
    swedish = next(button for button in chat.buttons if button.value == SWEDISH.id)

    assert chat.press(swedish) == "I have noted that. Just this first:\n\nWhere would you like to come?"
    assert chat.tap("Harbour").startswith("Swedish Massage at Harbour")


def test_old_time_button_whose_time_has_passed_says_so_and_offers_ways_on() -> None:
    chat = Chat()
    chat.to_summary()
    button = next(button for button in chat.buttons if button.step == "time")
    chat.wait(days=7)

    text = chat.press(button)

    assert "has passed." in text
    assert "Another day" in chat.labels


def test_coming_back_after_a_week_asks_again_with_fresh_data() -> None:
    chat = Chat()
    chat.command("start")
    for label in ("Harbour", "Haircut", "Anna", "Tomorrow"):
        chat.tap(label)
    chat.wait(days=7)

    text = chat.say("hola")

    assert text.startswith("You were choosing a day for Haircut with Anna at Harbour.")
    assert "Saturday 21 November has passed." in text
    assert chat.state == "day"


def test_coming_back_after_an_hour_says_what_was_being_chosen() -> None:
    chat = Chat()
    chat.command("start")
    for label in ("Harbour", "Haircut", "Anna", "Tomorrow", "Menu"):
        chat.tap(label)
    chat.wait(hours=1)

    text = chat.tap("Go on with my booking")

    assert text.startswith("You were choosing a time for Haircut with Anna at Harbour.")
    assert "17:00" in chat.labels


def test_nothing_to_book_leads_to_a_person() -> None:
    chat = Chat(Salon(locations=()))
    assert "A person can help you." in chat.command("start")
    assert "Talk to a person" in chat.labels


def test_location_without_services_says_so() -> None:
    chat = Chat()
    chat.salon.services[HARBOUR.id] = ()
    chat.command("start")
    assert chat.tap("Harbour") == "Nothing can be booked online at Harbour at the moment."
    assert "Back" in chat.labels


def test_session_of_another_version_starts_politely() -> None:
    chat = Chat()
    chat.session.state = "a-state-of-the-future"
    assert chat.say("hello").startswith("Welcome to Harbour Studio!")
