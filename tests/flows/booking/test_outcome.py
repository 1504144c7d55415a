"""What the customer and staff are told of a confirmed wish: the truth, once."""

from dataclasses import replace

import pytest

from bot.conversation.contract import Booked, GaveUp, Refused, TellStaff, Unclear
from bot.errors import TryAgain
from tests.flows.chat import Chat
from tests.flows.salon import ANNA, BUSINESS, HAIRCUT, HARBOUR, SOHO


def confirmed() -> Chat:
    chat = Chat()
    chat.to_summary()
    chat.tap("Book 17:00")
    return chat


def test_booked_is_said_from_the_record() -> None:
    chat = confirmed()
    assert chat.session.pending
    record = replace(chat.salon.book(chat.session.pending), staff_name="Marco")

    text = chat.send(Booked(chat.session.pending.reference, record))

    assert text.startswith(
        "Booked: tomorrow, Saturday 21 November, 17:00 with Marco at Harbour (Lisbon time), Swedish Massage. See you there!"
    )
    assert chat.labels == ["Book an appointment", "See this appointment", "Menu", "Talk to a person"]
    assert chat.session.customer_id == "cu-1"
    assert chat.session.pending is None


def test_staff_read_who_what_when_with_whom_and_where() -> None:
    chat = confirmed()
    chat.succeed()
    assert chat.staff_lines == [
        "Booked: tomorrow, Saturday 21 November, 17:00 with Anna at Harbour (Lisbon time), Swedish Massage. "
        "For Mia Chen, +351 912 345 678. Ref. REF8"
    ]


def test_record_without_a_person_names_none() -> None:
    chat = confirmed()
    assert chat.session.pending
    record = replace(chat.salon.book(chat.session.pending), staff_id="", staff_name="")
    assert "with someone of the team at Harbour" in chat.send(Booked(chat.session.pending.reference, record))


def test_record_with_a_bare_id_is_told_with_the_name_of_who_was_picked() -> None:
    chat = confirmed()
    assert chat.session.pending
    record = replace(chat.salon.book(chat.session.pending), staff_name="")
    assert "with Anna at Harbour" in chat.send(Booked(chat.session.pending.reference, record))


def test_record_with_the_bare_id_of_another_person_names_none() -> None:
    chat = confirmed()
    assert chat.session.pending
    record = replace(chat.salon.book(chat.session.pending), staff_id="st-other", staff_name="")
    assert "with someone of the team at Harbour" in chat.send(Booked(chat.session.pending.reference, record))


def test_outcome_is_told_while_the_desk_is_down() -> None:
    chat = confirmed()
    chat.salon.broken = TryAgain("down")
    assert chat.succeed().startswith("Booked: tomorrow")


@pytest.mark.parametrize("outcome", [Refused("FOREIGN", "taken"), Unclear("FOREIGN"), GaveUp("FOREIGN")])
def test_outcome_of_another_wish_is_ignored(outcome: Refused | Unclear | GaveUp) -> None:
    chat = confirmed()
    assert chat.send(outcome) == ""
    assert chat.state == "booking"


def test_second_outcome_of_the_same_wish_is_ignored() -> None:
    chat = confirmed()
    assert chat.session.pending
    again = Refused(chat.session.pending.reference, "taken")
    chat.succeed()
    assert chat.send(again) == ""
    assert chat.state == "booked"


def test_taken_says_so_and_offers_three_ways_on() -> None:
    chat = confirmed()
    chat.salon.take("2026-11-21T17:00", ANNA)

    text = chat.refuse("taken")

    assert text.startswith("Tomorrow, Saturday 21 November, 17:00 with Anna has just been taken. You are not booked.")
    assert chat.labels == [
        *("16:30 with Anna", "17:00 with Marco", "17:30 with Anna", "Other times", "Another day"),
        *("Back", "Menu", "Talk to a person"),
    ]


def test_taken_while_the_desk_is_down_is_still_told() -> None:
    chat = confirmed()
    chat.salon.broken = TryAgain("down")
    assert chat.refuse("taken").startswith("That time has just been taken. You are not booked;")
    chat.salon.broken = None
    assert "has just been taken" in chat.tap("Go on")


def test_taken_while_its_service_was_withdrawn_asks_again() -> None:
    chat = confirmed()
    chat.salon.services[HARBOUR.id] = (HAIRCUT, HAIRCUT)
    assert chat.refuse("taken").startswith("The service you had chosen is not offered there.\n\nThat time has just gone.")


@pytest.mark.parametrize(
    ("text_key", "state"),
    [
        ("error.phone_wrong", "phone"),
        ("error.name_wrong", "name"),
        ("error.email_needed", "email"),
        ("error.booking_blocked", "summary"),
    ],
)
def test_refused_detail_is_corrected_where_it_was_given(text_key: str, state: str) -> None:
    chat = confirmed()
    assert chat.refuse("details", text_key).startswith("Not booked yet.")
    assert chat.state == state
    assert chat.session.pending is None


def test_corrected_detail_leads_back_to_the_summary() -> None:
    chat = confirmed()
    chat.refuse("details", "error.phone_wrong")
    assert not chat.has("Keep")
    assert "+351 913 000 111. Book it?" in chat.say("913 000 111")


def test_busy_can_be_tried_again_with_the_same_button() -> None:
    chat = confirmed()
    assert chat.refuse("busy").startswith("Not booked: ")
    chat.tap("Book 17:00")
    first, second = (book.request for book in chat.requests)
    assert first.reference != second.reference
    assert chat.succeed().startswith("Booked:")


def test_refused_for_staff_tells_staff_and_leads_to_them() -> None:
    chat = confirmed()
    assert chat.refuse("staff").startswith("Not booked: ")
    assert chat.labels[0] == "Talk to a person"
    assert chat.staff_lines[0].startswith("Not booked, the booking system refused: tomorrow, Saturday 21 November, 17:00")


def test_unclear_says_it_is_being_checked_once() -> None:
    chat = confirmed()
    assert "I am checking with the salon whether it worked" in chat.lose_sight()
    assert chat.lose_sight() == ""
    assert not chat.staff_lines
    assert chat.succeed().startswith("Booked:")


def test_giving_up_hands_everything_to_staff() -> None:
    chat = confirmed()
    chat.lose_sight()
    confirm = next(button for button in chat.buttons if button.step == "confirm")

    assert "The team of Harbour Studio has all the details and will tell you" in chat.give_up()

    assert chat.staff_lines == [
        "Please check whether this was booked, I could not find out: tomorrow, Saturday 21 November, 17:00, Swedish Massage, "
        "Anna, Harbour. For Mia Chen, +351 912 345 678. Ref. REF8. The customer was told that you will say how it turned out."
    ]
    assert chat.press(confirm).startswith("That one is with the team")
    assert len(chat.requests) == 1


def test_next_booking_is_one_tap_away() -> None:
    chat = confirmed()
    chat.succeed()
    assert chat.tap("Book an appointment") == "Where would you like to come?"


# ── While it is unclear, one may have gone on to something else ──────────────────────────────────────────────────────────


def elsewhere() -> Chat:
    """Choosing a service for another booking, while the first is being looked up."""
    chat = confirmed()
    chat.lose_sight()
    chat.say("restart")
    chat.tap("Harbour")
    assert chat.state == "service"
    return chat


def test_booked_is_told_with_its_own_names_and_the_other_draft_is_kept() -> None:
    chat = elsewhere()
    assert chat.succeed().startswith("Booked: tomorrow, Saturday 21 November, 17:00 with Anna at Harbour")
    assert (chat.state, chat.session.picks["location"]) == ("service", HARBOUR.id)
    assert chat.tap("Go on").endswith("Harbour. What would you like?")


def test_the_same_wish_picked_anew_is_left_when_the_first_is_booked() -> None:
    chat = confirmed()
    chat.lose_sight()
    chat.to_summary()
    again = chat.find("Book 17:00")
    assert chat.press(again).startswith("Not yet: I am still checking with the salon whether Swedish Massage, tomorrow")
    chat.succeed()
    assert chat.state == "menu"
    assert chat.press(again).startswith("You had left that booking, so that button books nothing.")
    assert len(chat.requests) == 1


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("taken", "Not booked: Swedish Massage, tomorrow, Saturday 21 November, 17:00 has just been taken."),
        ("busy", "Not booked: Swedish Massage, tomorrow, Saturday 21 November, 17:00. It did not work out this time"),
        ("staff", "Not booked: "),
    ],
)
def test_refused_is_told_beside_another_draft_which_is_kept(reason: str, words: str) -> None:
    chat = elsewhere()
    assert chat.refuse(reason).startswith(words)
    assert (chat.state, chat.session.picks) == ("service", {"location": HARBOUR.id})
    assert chat.tap("Go on").endswith("Harbour. What would you like?")


def test_taken_while_one_was_only_at_the_menu_offers_the_ways_on_all_the_same() -> None:
    chat = confirmed()
    chat.lose_sight()
    chat.say("menu")
    assert chat.has("How is it going?")
    chat.salon.take("2026-11-21T17:00", ANNA)
    assert "has just been taken. You are not booked." in chat.refuse("taken")
    assert chat.labels[:2] == ["16:30 with Anna", "17:00 with Marco"]


def test_a_corrected_detail_keeps_what_was_picked_before_it_became_unclear() -> None:
    chat = confirmed()
    chat.lose_sight()
    chat.refuse("details", "error.phone_wrong")
    assert "17:00 with Anna" in chat.say("913 000 111")


def test_staff_who_were_told_that_it_takes_long_hear_that_it_was_not_booked() -> None:
    chat = confirmed()
    chat.lose_sight()
    assert chat.session.pending
    assert chat.send(Unclear(chat.session.pending.reference, is_long=True)) == ""
    chat.refuse("taken")
    assert [line.split(":")[0] for line in chat.staff_lines] == [
        "Not certain yet whether this was booked",
        "It is certain now, this was not booked",
    ]
    assert {command.event for command in chat.commands if isinstance(command, TellStaff)} == {"unclear"}


def test_cancel_beside_an_unclear_booking_does_not_call_it_off() -> None:
    chat = elsewhere()
    assert chat.say("cancel").startswith("All right, I have left that one there. The booking you confirmed before is still")
    assert chat.say("cancel").startswith("The salon has your wish already, so I cannot stop it any more.")
    assert chat.session.pending


def test_giving_up_where_nobody_of_that_location_reads_along_promises_nothing() -> None:
    chat = Chat(business=replace(BUSINESS, staff_locations=frozenset({SOHO.id}), phone="+351210000140"))
    chat.to_summary()
    chat.tap("Book 17:00")
    chat.lose_sight()
    text = chat.give_up()
    assert text.startswith(
        "I could not find out whether Swedish Massage, tomorrow, Saturday 21 November, 17:00 worked. "
        "Please ask Harbour Studio before you book it again, and name this reference: REF8."
    )
    assert "You reach them here: +351 21 000 0140." in text
    assert chat.staff_lines == []


def test_refused_where_nobody_reads_along_promises_nothing() -> None:
    chat = Chat(business=replace(BUSINESS, has_staff_chat=False))
    chat.to_summary()
    chat.tap("Book 17:00")
    text = chat.refuse("staff")
    assert "did not let me (Swedish Massage, tomorrow, Saturday 21 November, 17:00). Please ask Harbour Studio" in text
    assert "team" not in text


def test_after_giving_up_the_same_service_is_booked_again_only_on_purpose() -> None:
    chat = confirmed()
    chat.lose_sight()
    chat.give_up()
    chat.to_summary()
    for word in ("Book 17:00", "Book this one as well"):
        assert len(chat.requests) == 1
        text = chat.tap(word)
        assert text.startswith("Careful: whether Swedish Massage") == (word == "Book 17:00")
    assert len(chat.requests) == 2


def test_yes_agrees_to_what_is_on_the_screen() -> None:
    chat = confirmed()
    chat.lose_sight()
    chat.give_up()
    chat.to_summary()
    assert chat.say("yes").startswith("Careful: ")
    chat.say("yes")
    assert len(chat.requests) == 2


def test_what_was_unsettled_is_no_warning_once_its_time_has_passed() -> None:
    chat = confirmed()
    chat.lose_sight()
    chat.give_up()
    chat.wait(days=3)
    chat.to_summary()
    chat.tap("Book 17:00")
    assert len(chat.requests) == 2
