"""The menu: a way out that loses nothing."""

from bot.conversation.contract import Business
from tests.flows.chat import Chat


def test_menu_keeps_what_was_picked() -> None:
    chat = Chat()
    chat.command("start")
    chat.tap("Harbour")
    chat.tap("Menu")
    assert chat.labels == [
        "Go on with my booking",
        "Book an appointment",
        "My appointments",
        "Language · Idioma",
        "Talk to a person",
    ]
    assert chat.say("go on").startswith("You were choosing a service at Harbour.")


def test_menu_of_one_language_does_not_offer_languages() -> None:
    chat = Chat(business=Business("h", "Studio", ("en",)))
    chat.command("menu")
    assert chat.labels == ["Book an appointment", "My appointments", "Talk to a person"]


def test_booking_begins_from_the_menu() -> None:
    chat = Chat()
    chat.command("menu")
    assert chat.say("1") == "Where would you like to come?"
