"""One appointment, and the question before it is cancelled: nothing happens that was not said in full words."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.conversation.contract import Business, Cancel, DeskTraits
from bot.model import AppointmentStatus
from tests.flows.chat import Chat
from tests.flows.salon import HARBOUR, NOON, SOHO, Salon

MINE = "+351912345678"
TOMORROW = NOON + timedelta(days=1)
ADDRESS = "Rua do Porto 4, 1200-001 Lisboa"


def at_card(*, traits: DeskTraits | None = None) -> Chat:
    salon = Salon(customers={MINE: "cu-1"}, traits=traits or DeskTraits())
    salon.locations = (replace(HARBOUR, address=ADDRESS), SOHO)
    salon.note_down(TOMORROW)
    chat = Chat(salon)
    chat.say("my appointments")
    chat.share()
    assert chat.state == "appointment"
    return chat


def test_a_card_has_address_and_directions() -> None:
    chat = at_card()
    assert f"Address: {ADDRESS}" in chat.shown.text
    assert "https://www.google.com/maps/search/?api=1&query=Harbour+Studio%2C+Rua+do+Porto" in chat.tap("Directions")
    assert chat.tap("Back").startswith("Your appointment: tomorrow")


def test_cancelling_asks_in_full_words_and_takes_two_taps() -> None:
    chat = at_card()
    chat.taps = 0
    text = chat.tap("Cancel appointment")
    assert "tomorrow, Saturday 21 November, 12:00 with Anna at Harbour (Lisbon time), Swedish Massage. Shall I cancel it?" in text
    assert chat.labels[:3] == ["Yes, cancel 12:00", "Move it instead", "Keep it"]
    assert not chat.requests
    chat.tap("Yes, cancel")
    assert isinstance(chat.requests[-1], Cancel)
    assert chat.taps == 2
    assert chat.succeed().startswith("Cancelled: tomorrow, Saturday 21 November, 12:00 with Anna")
    assert chat.staff_lines[-1].startswith("Cancelled: tomorrow, Saturday 21 November, 12:00 with Anna at Harbour")


@pytest.mark.parametrize("words", ["cancel my appointment", "cancelar mi cita"])
def test_words_lead_to_the_question_where_there_is_but_one(words: str) -> None:
    chat = at_card()
    chat.tap("Menu")
    chat.say(words)
    assert chat.state == "calling_off"
    assert not chat.requests


def test_cancel_typed_with_an_appointment_on_the_screen_is_about_that_one() -> None:
    chat = at_card()
    chat.say("cancel")
    assert chat.state == "calling_off"


def test_yes_and_no_answer_the_question() -> None:
    chat = at_card()
    chat.say("cancel")
    assert chat.say("no").startswith("Your appointment:")
    chat.say("cancel")
    chat.say("yes")
    assert len(chat.requests) == 1


def test_pressing_twice_cancels_once() -> None:
    chat = at_card()
    chat.tap("Cancel appointment")
    sure = chat.find("Yes, cancel")
    chat.press(sure)
    chat.press(sure)
    chat.succeed()
    assert "Swedish Massage, tomorrow, Saturday 21 November, 12:00: that appointment has been cancelled." in chat.press(sure)
    assert len(chat.requests) == 1


def test_an_appointment_moved_meanwhile_is_asked_about_again() -> None:
    chat = at_card()
    chat.tap("Cancel appointment")
    sure = chat.find("Yes, cancel")
    chat.salon.note_down(TOMORROW + timedelta(hours=3))
    text = chat.press(sure)
    assert text.startswith("It has been moved since you saw that.")
    assert "15:00" in text
    assert not chat.requests
    chat.tap("Yes, cancel 15:00")
    assert len(chat.requests) == 1


def test_one_that_is_over_or_has_begun_is_left_alone() -> None:
    chat = at_card()
    chat.tap("Cancel appointment")
    sure = chat.find("Yes, cancel")
    chat.wait(days=2)
    assert "cannot be changed any more" in chat.press(sure)
    assert not chat.requests


def test_one_whose_customer_has_arrived_is_left_alone() -> None:
    chat = at_card()
    chat.tap("Cancel appointment")
    sure = chat.find("Yes, cancel")
    chat.salon.record["ap-desk"] = replace(chat.salon.record["ap-desk"], status=AppointmentStatus.ARRIVED)
    assert "cannot be changed any more" in chat.press(sure)


def test_a_refusal_is_told_with_what_stands_and_goes_to_staff() -> None:
    chat = at_card()
    chat.tap("Cancel appointment")
    chat.tap("Yes, cancel")
    text = chat.refuse("staff")
    assert text.startswith("Not cancelled:")
    assert "Your appointment stands: tomorrow, Saturday 21 November, 12:00" in text
    assert chat.staff_lines[-1].startswith("The booking system refused: cancelling Swedish Massage at Harbour")


def test_a_refusal_where_nobody_reads_along_names_the_place() -> None:
    chat = at_card()
    chat.business = Business("h", "Harbour Studio", ("en",), has_staff_chat=False, phone="+351210000140")
    chat.tap("Cancel appointment")
    chat.tap("Yes, cancel")
    text = chat.refuse("staff")
    assert "Please ask Harbour Studio directly" in text
    assert "+351 21 000 0140" in text
    assert not chat.staff_lines


def test_a_busy_system_is_tried_again_with_a_button() -> None:
    chat = at_card()
    chat.tap("Cancel appointment")
    chat.tap("Yes, cancel")
    assert "is busy just now" in chat.refuse("busy")
    chat.tap("Try again")
    assert chat.state == "calling_off"


def test_what_stays_unclear_is_said_and_becomes_a_task_for_staff() -> None:
    chat = at_card()
    chat.tap("Cancel appointment")
    chat.tap("Yes, cancel")
    assert chat.lose_sight().startswith("The salon has not answered clearly.")
    assert chat.lose_sight(is_long=True) == ""
    assert chat.staff_lines[-1].startswith("Not certain yet whether this worked: cancelling Swedish Massage")
    assert "cancelling Swedish Massage, tomorrow" in chat.say("book an appointment")
    assert chat.give_up().startswith("I could not find out whether it worked: cancelling Swedish Massage")
    assert chat.staff_lines[-1].startswith("Please check whether this worked, I could not find out: cancelling Swedish Massage")


def test_while_one_thing_is_unclear_nothing_else_is_cancelled() -> None:
    chat = at_card()
    chat.salon.note_down(TOMORROW + timedelta(days=1), key="second")
    chat.tap("Cancel appointment")
    chat.tap("Yes, cancel")
    chat.lose_sight()
    chat.say("my appointments")
    chat.tap("Sunday 22 November")
    chat.tap("Cancel appointment")
    assert chat.tap("Yes, cancel").startswith("One thing after the other")
    assert len(chat.requests) == 1


def test_where_the_system_cannot_cancel_a_person_does() -> None:
    chat = at_card(traits=DeskTraits(can_cancel=False))
    assert not chat.has("Cancel appointment")
    assert chat.say("cancel my appointment").startswith("I cannot cancel it from here; a person can.")
