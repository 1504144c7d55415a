"""Whose appointments are shown: the proven customer's, and those made in this very conversation."""

from dataclasses import replace
from datetime import timedelta

from bot.conversation.contract import SharedContact
from tests.flows.chat import Chat
from tests.flows.salon import NOON, Salon

MINE, THEIRS = "+351912345678", "+351910000000"
TOMORROW = NOON + timedelta(days=1)


def known() -> Chat:
    """Somebody who has an appointment that was made at the desk, under the number of their phone."""
    salon = Salon(customers={MINE: "cu-1", THEIRS: "cu-2"})
    salon.note_down(TOMORROW)
    return Chat(salon)


def test_an_appointment_made_at_the_desk_is_shown_to_whoever_has_its_number() -> None:
    chat = known()
    assert "share it with the button" in chat.say("my appointments")
    assert chat.shown.asks_contact
    text = chat.share()
    assert "Your appointment: tomorrow, Saturday 21 November, 12:00 with Anna at Harbour (Lisbon time), Swedish Massage." in text


def test_a_typed_number_opens_nothing() -> None:
    chat = known()
    chat.say("my appointments")
    assert chat.say("+351 912 345 678").startswith("Anybody could type that number")
    assert chat.shown.asks_contact
    assert not chat.session.proven


def test_a_number_typed_for_a_booking_opens_nothing_but_that_booking() -> None:
    chat = known()
    chat.command("start")
    for choice in ("Harbour", "Swedish Massage", "Anna"):
        chat.tap(choice)
    chat.say("friday 27 nov")
    chat.say("17:00")
    chat.say("+351 912 345 678")
    chat.tap("Book")
    chat.succeed()
    assert chat.session.customer_id == "cu-1", "the vendor took them for whoever has the number"
    chat.say("my appointments")
    assert [label for label in chat.labels if "Swedish" in label] == ["Friday 27 November, 17:00 · Swedish Massage"]
    chat.tap("Is one missing?")
    assert chat.shown.asks_contact


def test_somebody_elses_card_proves_nothing() -> None:
    chat = known()
    chat.say("my appointments")
    assert chat.send(SharedContact("351912345678", "Mia", is_own=False)).startswith("That card belongs to someone else")
    assert not chat.has("Move")


def test_another_number_of_ones_own_shows_what_is_under_that_one() -> None:
    chat = known()
    chat.salon.note_down(TOMORROW + timedelta(hours=2), customer="cu-2", key="theirs")
    chat.say("my appointments")
    chat.share()
    assert "12:00" in chat.shown.text
    text = chat.share("351910000000")
    assert "14:00" in text
    assert "12:00" not in text


def test_a_button_of_another_persons_appointment_does_nothing() -> None:
    other = known()
    other.say("my appointments")
    other.share()
    mover, canceller = other.find("Move"), other.find("Cancel appointment")
    stranger = Chat(other.salon)
    stranger.say("my appointments")
    stranger.share("351910000000")
    for button in (mover, canceller):
        assert stranger.press(button).startswith("I cannot find that appointment any more.")
    assert not stranger.requests


def test_the_next_one_comes_first_and_the_past_is_left_out() -> None:
    chat = known()
    chat.salon.note_down(NOON + timedelta(hours=3), key="today")
    chat.salon.note_down(NOON - timedelta(hours=3), key="past")
    chat.say("my appointments")
    chat.share()
    rows = [label for label in chat.labels if "Swedish" in label]
    assert rows == [
        "Today, Friday 20 November, 15:00 · Swedish Massage",
        "Tomorrow, Saturday 21 November, 12:00 · Swedish Massage",
    ]


def test_what_is_shown_is_read_from_the_record_each_time() -> None:
    chat = known()
    chat.say("my appointments")
    chat.share()
    chat.salon.note_down(TOMORROW + timedelta(hours=1))
    assert "13:00" in chat.say("my appointments")


def test_where_the_platform_vouches_for_the_number_nothing_is_asked() -> None:
    chat = known()
    chat.person = replace(chat.person, phone="351912345678")
    assert "Your appointment: tomorrow, Saturday 21 November, 12:00" in chat.say("my appointments")
