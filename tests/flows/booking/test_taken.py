"""Never ends on "taken": ways on that keep everything else."""

from tests.flows.chat import Chat
from tests.flows.salon import ANNA, HARBOUR, JOAO, MARCO, SOHO, STATION, Salon


def lost(salon: Salon) -> Chat:
    """Confirmed for tomorrow 17:00 with Anna, about to be refused."""
    chat = Chat(salon)
    chat.to_summary()
    chat.tap("Book 17:00")
    return chat


def test_one_tap_on_the_nearest_time_leads_to_the_summary() -> None:
    chat = lost(Salon())
    chat.refuse("taken")
    assert chat.tap("16:30 with Anna").startswith("Tomorrow, Saturday 21 November, 16:30 with Anna at Harbour (Lisbon time).")


def test_one_tap_on_a_colleague_keeps_the_time() -> None:
    chat = lost(Salon())
    chat.refuse("taken")
    assert chat.tap("17:00 with Marco").startswith("Tomorrow, Saturday 21 November, 17:00 with Marco at Harbour (Lisbon time).")


def test_one_tap_on_another_place_keeps_the_time_and_the_service() -> None:
    salon = Salon(locations=(HARBOUR, STATION, SOHO))
    salon.staff[HARBOUR.id] = (ANNA, JOAO)
    chat = lost(salon)
    salon.take("2026-11-21T17:00", ANNA, JOAO)
    chat.refuse("taken")

    assert "17:00 at Station" in chat.labels
    assert chat.tap("17:00 at Station").startswith("Tomorrow, Saturday 21 November, 17:00 with Marco at Station (Lisbon time).")


def test_place_in_another_time_zone_is_not_offered() -> None:
    chat = lost(Salon())
    chat.refuse("taken")
    assert not any("Soho" in label for label in chat.labels)


def test_full_day_offers_the_next_free_one() -> None:
    salon = Salon()
    chat = lost(salon)
    for hour in range(9, 19):
        for minutes in ("00", "30"):
            salon.take(f"2026-11-21T{hour:02}:{minutes}", ANNA, MARCO, JOAO)
    chat.refuse("taken")
    assert chat.labels[0] == "First free: Monday 23 November, 09:00"
    assert chat.tap("First free").startswith("Monday 23 November, 09:00 with Anna")


def test_typed_time_works_as_well() -> None:
    chat = lost(Salon())
    chat.refuse("taken")
    assert chat.say("18:00").startswith("Tomorrow, Saturday 21 November, 18:00 with Anna")


def test_lost_time_is_not_offered_again_by_a_desk_that_has_not_noticed() -> None:
    chat = lost(Salon())
    chat.refuse("taken")
    assert "17:00 with Anna" not in chat.labels


def test_numbers_pick_the_offers() -> None:
    chat = lost(Salon())
    chat.refuse("taken")
    assert chat.say("2").startswith("Tomorrow, Saturday 21 November, 17:00 with Marco")


def test_other_times_leave_the_lost_one_out() -> None:
    chat = lost(Salon())
    chat.refuse("taken")
    chat.tap("Other times")
    assert "17:00" not in chat.labels
    assert "17:30" in chat.labels


def test_junk_asks_again_with_the_same_ways_on() -> None:
    chat = lost(Salon())
    chat.refuse("taken")
    offers = chat.labels
    chat.say("🔥")
    assert chat.labels == offers


def test_old_offer_after_a_new_booking_says_what_it_still_needs() -> None:
    chat = lost(Salon())
    chat.refuse("taken")
    colleague = chat.find("17:00 with Marco")
    chat.say("restart")
    assert chat.press(colleague).startswith("The person you had chosen does not do this there.")
    assert chat.state == "location"
