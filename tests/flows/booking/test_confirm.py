"""One confirm button books its own wish, once."""

from tests.flows.chat import Chat
from tests.flows.salon import NOON


def at_summary() -> Chat:
    chat = Chat()
    chat.to_summary()
    return chat


def test_wish_is_shown_in_full_words_before_it_is_booked() -> None:
    chat = at_summary()
    assert chat.shown.text == (
        "Tomorrow, Saturday 21 November, 17:00 with Anna at Harbour (Lisbon time).\n\n"
        "Swedish Massage, 60 min, €55.\n\n"
        "Name: Mia Chen, +351 912 345 678. Book it?"
    )
    assert [button.label for button in chat.shown.rows[0]] == ["Book 17:00"]


def test_confirm_hands_over_exactly_what_was_shown() -> None:
    chat = at_summary()
    chat.tap("Book 17:00")
    request = chat.requests[0].request
    assert (request.location_id, request.service_id, request.staff_id) == ("loc-harbour", "svc-swedish", "st-anna")
    assert request.starts_at.isoformat() == "2026-11-21T17:00:00+00:00"
    assert request.handle == "loc-harbour|st-anna|2026-11-21T17:00"
    assert (request.contact.name, request.contact.phone) == ("Mia Chen", "+351912345678")
    assert request.reference == f"REF{chat.turns}"


def test_second_tap_while_booking_books_nothing_more() -> None:
    chat = at_summary()
    confirm = chat.find("Book 17:00")
    chat.press(confirm)
    assert chat.press(confirm) == "One moment, I am asking the salon …"
    assert chat.say("yes").endswith("One moment, I am asking the salon …")
    assert len(chat.requests) == 1


def test_used_button_says_what_it_made() -> None:
    chat = at_summary()
    confirm = chat.find("Book 17:00")
    chat.press(confirm)
    chat.succeed()
    assert chat.press(confirm).startswith("You have used that button already, for Swedish Massage, tomorrow")
    assert len(chat.requests) == 1


def test_button_of_another_wish_shows_the_current_one() -> None:
    chat = at_summary()
    confirm = chat.find("Book 17:00")
    chat.say("18:00")
    text = chat.press(confirm)
    assert text.startswith("Something has changed since you saw that.")
    assert "18:00 with Anna" in text
    assert not chat.requests


def test_button_with_another_name_in_it_books_nothing() -> None:
    chat = at_summary()
    confirm = chat.find("Book 17:00")
    chat.tap("Change name")
    chat.say("Leo Chen")
    assert "Name: Leo Chen" in chat.press(confirm)
    assert not chat.requests


def test_button_of_a_cancelled_wish_books_nothing() -> None:
    chat = at_summary()
    confirm = chat.find("Book 17:00")
    chat.say("cancel")
    assert chat.press(confirm).startswith("You had left that booking, so that button books nothing.")
    assert not chat.requests


def test_same_wish_made_anew_is_another_wish() -> None:
    chat = at_summary()
    old = chat.find("Book 17:00")
    chat.tap("Book 17:00")
    chat.succeed()
    chat.to_summary()
    assert chat.find("Book 17:00").value != old.value
    chat.tap("Book 17:00")
    assert len(chat.requests) == 2


def test_wish_on_the_screen_can_be_confirmed_from_the_menu() -> None:
    chat = at_summary()
    confirm = chat.find("Book 17:00")
    chat.tap("Menu")
    assert chat.press(confirm) == "One moment, I am asking the salon …"
    assert len(chat.requests) == 1


def test_wish_whose_time_has_passed_is_not_booked() -> None:
    chat = at_summary()
    chat.wait(days=2)
    assert chat.tap("Book 17:00").startswith("Yesterday, Saturday 21 November, 17:00 has passed.")
    assert not chat.requests


def test_yes_is_the_button() -> None:
    chat = at_summary()
    assert chat.say("sí") == "One moment, I am asking the salon …"


def test_yes_to_something_else_books_nothing() -> None:
    chat = at_summary()
    chat.say("human")
    assert chat.say("yes").endswith("Book it?")
    assert not chat.requests
    chat.say("yes")
    assert len(chat.requests) == 1


def test_no_books_nothing_and_asks_what_to_change() -> None:
    chat = at_summary()
    assert chat.say("no").startswith("Nothing has been booked. What shall I change?")
    assert chat.state == "summary"


def test_zone_is_not_named_where_there_is_only_one() -> None:
    chat = Chat()
    chat.salon.locations = chat.salon.locations[:1]
    chat.command("start")
    for label in ("Swedish", "Anna", "First free"):
        chat.tap(label)
    assert " time)" not in chat.share()


def test_wish_is_in_the_time_zone_of_its_location() -> None:
    chat = Chat()
    chat.command("start")
    chat.tap("Bandra")
    chat.tap("First free")
    text = chat.share()
    assert text.startswith("Today, Friday 20 November, 18:00 with Priya at Bandra (Kolkata time).")
    assert "(Kolkata time)" in text
    chat.tap("Book 18:00")
    assert chat.requests[0].request.starts_at.isoformat() == "2026-11-20T18:00:00+05:30"
    assert chat.requests[0].request.starts_at > NOON
