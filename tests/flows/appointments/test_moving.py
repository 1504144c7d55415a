"""Moving: the old time stays until the new one is certain, and that is said."""

from datetime import timedelta

from bot.conversation.contract import Book, DeskTraits, Move, Moved
from tests.flows.chat import Chat
from tests.flows.salon import ANNA, MARCO, NOON, SOHO, Salon

MINE = "+351912345678"
TOMORROW = NOON + timedelta(days=1)


def at_card(*, traits: DeskTraits | None = None) -> Chat:
    salon = Salon(customers={MINE: "cu-1"}, traits=traits or DeskTraits())
    salon.note_down(TOMORROW)
    chat = Chat(salon)
    chat.say("my appointments")
    chat.share()
    return chat


def at_summary(**options: DeskTraits) -> Chat:
    chat = at_card(**options)
    chat.tap("Move")
    chat.say("monday 17:00")
    assert chat.state == "summary"
    return chat


def test_a_move_takes_three_taps_and_says_from_when_to_when() -> None:
    chat = at_card()
    chat.taps = 0
    assert "It stays yours until the new time is certain." in chat.tap("Move")
    text = chat.tap("First free")
    assert text.startswith(
        "Swedish Massage: from tomorrow, Saturday 21 November, 12:00 "
        "to today, Friday 20 November, 12:30 with Anna at Harbour (Lisbon time)."
    )
    assert "Your old time stays until the new one is certain. Move it?" in text
    chat.tap("Move to 12:30")
    assert chat.taps == 3
    wish = chat.requests[-1]
    assert isinstance(wish, Move)
    assert (wish.appointment.id, wish.request.starts_at, wish.request.staff_id) == (
        "ap-desk",
        NOON + timedelta(minutes=30),
        ANNA.id,
    )


def test_moved_is_said_from_the_record_and_staff_read_both_times() -> None:
    chat = at_summary()
    chat.tap("Move to 17:00")
    assert chat.succeed().startswith("Moved: Monday 23 November, 17:00 with Anna at Harbour (Lisbon time), Swedish Massage.")
    assert "It was tomorrow, Saturday 21 November, 12:00 before." in chat.staff_lines[-1]
    assert "17:00" in chat.tap("See this appointment")


def test_only_time_day_and_person_can_be_changed() -> None:
    chat = at_summary()
    assert [label for label in chat.labels if label.startswith("Change")] == ["Change time", "Change day", "Change person"]
    assert "with Marco" in chat.say("with marco")


def test_a_time_that_is_gone_leads_to_others_and_the_old_one_is_kept() -> None:
    chat = at_summary()
    chat.tap("Move to 17:00")
    chat.salon.take("2026-11-23T17:00", ANNA)
    text = chat.refuse("taken")
    assert text.startswith("Monday 23 November, 17:00 with Anna has just been taken. Your appointment stays where it was.")
    assert chat.has("17:00 with Marco")
    assert not any("at " in label for label in chat.labels if label.startswith("17:00"))
    chat.tap("17:00 with Marco")
    chat.tap("Move to 17:00")
    wish = chat.requests[-1]
    assert isinstance(wish, Move)
    assert wish.request.staff_id == MARCO.id


def test_a_busy_system_keeps_everything_for_another_try() -> None:
    chat = at_summary()
    chat.tap("Move to 17:00")
    assert chat.refuse("busy").startswith("Not moved: ")
    chat.tap("Move to 17:00")
    assert len(chat.requests) == 2


def test_a_refusal_goes_to_staff_with_both_times() -> None:
    chat = at_summary()
    chat.tap("Move to 17:00")
    text = chat.refuse("staff")
    assert "Your appointment stands: tomorrow, Saturday 21 November, 12:00" in text
    line = chat.staff_lines[-1]
    assert "moving Swedish Massage at Harbour from tomorrow, Saturday 21 November, 12:00 to Monday 23 November, 17:00" in line


def test_an_appointment_changed_at_the_desk_meanwhile_is_not_moved() -> None:
    chat = at_summary()
    chat.salon.note_down(TOMORROW + timedelta(hours=1))
    text = chat.tap("Move to 17:00")
    assert text.startswith("Nothing was moved: the appointment has been changed in the meantime. This is how it stands:")
    assert "13:00" in text
    assert not chat.requests


def test_an_appointment_cancelled_at_the_desk_meanwhile_is_not_moved() -> None:
    chat = at_summary()
    chat.salon.cancel(chat.salon.record["ap-desk"])
    assert chat.tap("Move to 17:00").startswith("Nothing was moved: that appointment does not stand any more.")
    assert not chat.requests


def test_an_old_move_button_does_nothing_twice() -> None:
    chat = at_summary()
    sure = chat.find("Move to 17:00")
    chat.press(sure)
    chat.succeed()
    text = chat.press(sure)
    assert text.startswith("You have used that button already, for Swedish Massage, Monday 23 November, 17:00.")
    assert len(chat.requests) == 1


def test_the_booking_button_of_an_appointment_that_was_moved_shows_where_it_is_now() -> None:
    chat = Chat()
    chat.to_summary()
    book = chat.find("Book 17:00")
    chat.press(book)
    chat.succeed()
    see = chat.find("See this appointment")
    chat.press(see)
    chat.tap("Move")
    chat.say("monday 9:00")
    chat.tap("Move to")
    chat.succeed()
    assert chat.press(book).startswith("You have used that button already, for Swedish Massage, Monday 23 November, 09:00.")
    assert chat.press(see).startswith("It has been moved since you saw that.")
    chat.tap("Cancel appointment")
    chat.tap("Yes, cancel")
    chat.succeed()
    assert chat.press(book).startswith("You have used that button already; that appointment has been changed or cancelled since.")


def test_an_old_service_button_begins_a_booking_and_says_so() -> None:
    chat = Chat()
    chat.command("start")
    chat.tap("Harbour")
    haircut = chat.find("Haircut")
    for choice in ("Swedish Massage", "Anna", "First free"):
        chat.tap(choice)
    chat.share()
    chat.tap("Book")
    chat.succeed()
    chat.tap("See this")
    chat.tap("Move")
    assert "This is a new booking now; your appointment stays as it is." in chat.press(haircut)
    chat.say("monday 17:00")
    chat.tap("Book 17:00")
    assert isinstance(chat.requests[-1], Book)


def test_leaving_a_move_says_that_nothing_was_moved() -> None:
    chat = at_summary()
    assert chat.say("cancel").startswith("All right, I have left it there. Nothing has been moved")


def test_where_nothing_is_moved_in_place_the_details_for_a_new_booking_are_asked_for() -> None:
    chat = at_card(traits=DeskTraits(can_move=False, needs_email=True))
    chat.tap("Move")
    chat.say("monday 17:00")
    assert chat.state == "email"
    chat.say("mia@example.com")
    chat.tap("Move to 17:00")
    assert chat.requests[-1].request.contact.email == "mia@example.com"


def test_a_new_time_beside_an_old_one_that_could_not_be_cancelled_is_a_task_for_staff() -> None:
    chat = at_summary()
    chat.tap("Move to 17:00")
    wish = chat.requests[-1]
    assert isinstance(wish, Move)
    made = chat.salon.book(wish.request)
    text = chat.send(Moved(wish.request.reference, made, left=wish.appointment))
    assert text.startswith("Your new time is booked: Monday 23 November, 17:00")
    assert chat.staff_lines[-1].startswith("Please cancel the old appointment")


def test_what_is_not_offered_online_is_moved_by_a_person() -> None:
    chat = at_card()
    chat.salon.services = dict.fromkeys(chat.salon.services, ())
    assert chat.tap("Move").startswith("I cannot move this one from here")
    assert chat.has("Talk to a person")


def test_one_at_a_place_that_is_not_offered_any_more_is_moved_by_a_person() -> None:
    chat = at_card()
    chat.salon.locations = (SOHO,)
    assert chat.tap("Move").startswith("I cannot move this one from here")
