"""A person is told who asks, how to reach them, and about what; nothing is promised that is not so."""

from dataclasses import replace

from tests.flows.chat import Chat
from tests.flows.salon import BUSINESS


def test_staff_read_who_asks_and_what_they_were_doing() -> None:
    chat = Chat()
    chat.to_summary()
    assert chat.tap("Talk to a person").startswith(
        "I have told the team of Harbour Studio that you would like to talk to them. They will call or write to +351 912 345 678."
    )
    assert chat.staff_lines == [
        "Mia Chen would like to talk to a person (+351 912 345 678). They were about to confirm a booking."
    ]


def test_customer_without_a_number_is_asked_for_one_and_staff_get_it() -> None:
    chat = Chat()
    chat.command("start")
    assert "please share your number with the button, or type it" in chat.say("human")
    assert chat.shown.asks_contact == "Share my number"
    assert chat.staff_lines == ["Mia Chen would like to talk to a person (no phone number yet). They were choosing a location."]

    assert chat.share().startswith("Thank you. The team has your number now: +351 912 345 678.")

    assert chat.staff_lines[1].startswith("Mia Chen would like to talk to a person (+351 912 345 678).")
    assert chat.state == "location"


def test_number_can_be_typed_wherever_a_person_was_asked_for() -> None:
    for words in (("start",), ("start", "Harbour", "Haircut", "Anna", "First free")):
        chat = Chat()
        chat.command(words[0])
        for label in words[1:]:
            chat.tap(label)
        chat.say("human")
        assert chat.say("+351 912 345 678").startswith("Thank you. The team has your number now"), words
        assert len(chat.staff_lines) == 2


def test_impatience_is_not_noise_for_staff() -> None:
    chat = Chat()
    chat.command("start")
    for _ in range(3):
        chat.say("human")
        chat.say("restart")
    assert len(chat.staff_lines) == 1
    chat.wait(minutes=11)
    chat.say("human")
    assert len(chat.staff_lines) == 2


def test_line_goes_to_the_location_that_was_picked() -> None:
    chat = Chat()
    chat.command("start")
    chat.tap("Harbour")
    chat.tap("Talk to a person")
    assert [getattr(command, "location_id", "") for command in chat.commands] == ["loc-harbour"]


def test_line_after_a_booking_goes_to_where_it_was_booked() -> None:
    chat = Chat()
    chat.to_summary()
    chat.tap("Book 17:00")
    chat.succeed()
    chat.tap("Talk to a person")
    assert [getattr(command, "location_id", "") for command in chat.commands][-1:] == ["loc-harbour"]


def test_nothing_is_promised_where_no_staff_chat_would_hear_it() -> None:
    chat = Chat(business=replace(BUSINESS, has_staff_chat=False))
    chat.to_summary()
    assert chat.tap("Talk to a person").startswith("Nobody of Harbour Studio reads along here")
    assert chat.staff_lines == []
    assert chat.state == "summary"
