"""Name, phone number and e-mail address: asked only if needed, and only what proves itself is taken."""

import pytest

from bot.conversation.contract import DeskTraits, Person
from tests.flows.chat import Chat
from tests.flows.salon import Salon

NOBODY = Person("u2", "🔥🔥", "en")


def at_details(chat: Chat) -> Chat:
    chat.command("start")
    for label in ("Harbour", "Haircut", "Anna", "First free"):
        chat.tap(label)
    return chat


def test_platform_name_is_taken_and_shown_in_the_summary() -> None:
    chat = at_details(Chat())
    assert "Name: Mia Chen, +351 912 345 678. Book it?" in chat.share()


def test_emoji_in_the_platform_name_are_left_out() -> None:
    chat = at_details(Chat(person=Person("u3", "Mia 🌸 Chen ✨", "en")))
    assert "Name: Mia Chen," in chat.share()


def test_platform_name_that_is_none_is_asked() -> None:
    chat = at_details(Chat(person=NOBODY))
    assert chat.shown.text.endswith("What name is the appointment for? Type it, please.")
    chat.say("My name is Ana Sá.")
    assert chat.session.name == "Ana Sá"


@pytest.mark.parametrize("typed", ["🔥", "no", "same", "?", "menu?", "what for?", "12", "x", "http://a.b", "/name", "..."])
def test_what_is_no_name_is_not_taken(typed: str) -> None:
    chat = at_details(Chat(person=NOBODY))
    chat.say(typed)
    assert chat.session.name == ""


def test_name_can_be_changed_from_the_summary() -> None:
    chat = Chat()
    chat.to_summary()
    chat.tap("Change name")
    assert "Keep Mia Chen" in chat.labels
    assert "Name: Leo Chen," in chat.say("Leo Chen")
    chat.tap("Change name")
    assert chat.labels[:2] == ["Keep Leo Chen", "Mia Chen"]
    assert "Name: Mia Chen," in chat.tap("Mia Chen")


def test_known_number_is_kept_by_typing_what_the_button_says() -> None:
    chat = Chat()
    chat.to_summary()
    chat.tap("Change number")
    chat.say("Keep +351 912 345 678")
    assert chat.state == "summary"


def test_way_back_from_a_changed_detail_is_the_summary() -> None:
    chat = Chat()
    chat.to_summary()
    chat.tap("Change number")
    chat.say("back")
    assert chat.state == "summary"


def test_number_typed_without_prefix_is_read_in_the_country_of_the_location() -> None:
    chat = at_details(Chat())
    assert "+351 912 345 678" in chat.say("912 345 678")
    assert chat.session.phone == "+351912345678"


@pytest.mark.parametrize("typed", ["123", "912345", "99999999999999999", "call me maybe", "+", "+351 9"])
def test_what_is_no_number_is_not_taken(typed: str) -> None:
    chat = at_details(Chat())
    assert chat.say(typed).startswith("I did not understand that.")
    assert chat.session.phone == ""


def test_change_of_mind_while_details_are_asked_is_heard() -> None:
    chat = at_details(Chat())
    assert chat.say("rather tomorrow at 17:00").startswith("Haircut with Anna at Harbour, tomorrow, Saturday 21 November, 17:00.")
    assert chat.state == "phone"


def test_card_of_somebody_else_is_no_proof() -> None:
    chat = at_details(Chat())
    assert chat.share(is_own=False).startswith("That card belongs to someone else")
    assert chat.session.phone == ""
    assert chat.state == "phone"


def test_number_shared_early_is_kept_and_not_asked_again() -> None:
    chat = Chat()
    chat.command("start")
    assert chat.share().startswith("Thank you, I have noted +351 912 345 678.\n\nWhere would you like to come?")
    for label in ("Harbour", "Haircut", "Anna"):
        chat.tap(label)
    chat.tap("First free")
    assert chat.state == "summary"


def test_address_is_asked_where_the_vendor_needs_one() -> None:
    chat = at_details(Chat(Salon(traits=DeskTraits(needs_phone=False, needs_email=True))))
    assert chat.state == "email"
    assert chat.say("not an address").startswith("I did not understand that.")
    assert "Name: Mia Chen, mia@example.pt. Book it?" in chat.say("mia@example.pt")
