"""Reserve and confirm (§9.3, §9.4): who gets the slot, for how long, and once."""

import asyncio
from datetime import timedelta
from typing import Any

from tests.bot.sandbox.zenoti.salon import ANNA, EMPTY_DAY, HAIRCUT, HARBOUR, MANICURE, RUI, STRANGER, SWEDISH, Salon, play

MOVED_DAY = "2035-04-05"


def moving(invoice: dict[str, Any]) -> dict[str, Any]:
    """What a reschedule draft carries of the booking it moves."""
    return {
        "guest_more": {"invoice_id": invoice["invoice_id"]},
        "item": {"invoice_item_id": invoice["items"][0]["invoice_item_id"]},
    }


def test_a_hold_tells_its_length_and_what_it_holds() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        held = await salon.reserve(await salon.draft(guest, person=RUI))
        assert (held["is_reserved"], held["blocking_time"], held["Error"]) == (True, 10, None)
        (invoice,) = held["invoices"]
        assert invoice["guest"] == {"Id": guest, "FirstName": "Mia", "LastName": "Chen"}
        assert invoice["items"][0]["start_time"] == f"{EMPTY_DAY}T12:00:00"
        assert invoice["items"][0]["therapist"] == {"id": RUI.id}

    play(scenario)


def test_a_confirm_issues_every_id_with_pascal_case_around_the_guest() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        invoice = await salon.book(guest, person=RUI)
        (item,) = invoice["items"]
        assert invoice["invoice_id"]
        assert item["appointment_id"]
        assert item["invoice_item_id"]
        assert invoice["guest"]["FirstName"] == "Mia"
        assert (item["start_time"], item["end_time"]) == (f"{EMPTY_DAY}T12:00:00", f"{EMPTY_DAY}T13:00:00")
        assert (item["therapist"]["full_name"], item["therapist"]["therapist_request_type"]) == ("Rui Carvalho", 3)

    play(scenario)


def test_of_twelve_who_reserve_one_slot_exactly_one_gets_it() -> None:
    async def scenario(salon: Salon) -> None:
        guests = [await salon.add_guest(f"91200000{number}") for number in range(12)]
        bookings = [await salon.draft(guest, person=RUI) for guest in guests]
        answers = await asyncio.gather(*(salon.reserve(booking) for booking in bookings))
        assert sum(answer["is_reserved"] for answer in answers) == 1
        lost = [answer for answer in answers if not answer["is_reserved"]]
        assert {answer["Error"]["Message"] for answer in lost} == {"The selected slot is no longer available."}
        confirms = await asyncio.gather(*(salon.confirm(booking) for booking in bookings))
        assert sum(answer["is_confirmed"] for answer in confirms) == 1
        rows = (await salon.control("GET", "/appointments", params={"date": EMPTY_DAY})).body
        assert len(rows) == 1

    play(scenario)


def test_anyone_becomes_a_free_skilled_person_until_none_is_left() -> None:
    async def scenario(salon: Salon) -> None:
        guests = [await salon.add_guest(f"91200000{number}") for number in range(3)]
        people = {(await salon.book(guest))["items"][0]["therapist"]["id"] for guest in guests[:2]}
        assert people == {ANNA.id, RUI.id}
        assert (await salon.reserve(await salon.draft(guests[2])))["is_reserved"] is False

    play(scenario)


def test_an_overlapping_time_is_taken_too() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        await salon.reserve(await salon.draft(guest, person=RUI), "14:00")
        other = await salon.draft(guest, person=RUI)
        assert (await salon.reserve(other, "13:15"))["is_reserved"] is False
        assert (await salon.reserve(other, "14:45"))["is_reserved"] is False
        assert (await salon.reserve(other, "12:45"))["is_reserved"] is True

    play(scenario)


def test_a_hold_lapses_by_the_sandbox_clock() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        booking, other = await salon.draft(guest, person=RUI), await salon.draft(guest, person=RUI)
        await salon.reserve(booking)
        salon.clock.advance(timedelta(minutes=9))
        assert (await salon.reserve(other))["is_reserved"] is False
        salon.clock.advance(timedelta(minutes=1))
        lapsed = await salon.confirm(booking)
        assert (lapsed["is_confirmed"], lapsed["error"]["code"], "invoice" in lapsed) == (False, 4072, False)
        assert (await salon.reserve(other))["is_reserved"] is True

    play(scenario)


def test_a_live_hold_keeps_an_old_draft_alive() -> None:
    async def scenario(salon: Salon) -> None:
        booking = await salon.draft(await salon.add_guest())
        salon.clock.advance(timedelta(minutes=25))
        await salon.reserve(booking)
        salon.clock.advance(timedelta(minutes=8))
        assert (await salon.confirm(booking))["is_confirmed"] is True

    play(scenario)


def test_confirming_without_a_hold_books_nothing() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        assert (await salon.confirm(await salon.draft(guest)))["error"]["code"] == 4072
        assert (await salon.confirm(STRANGER))["error"]["message"] == "Invalid booking id"
        assert await salon.booked(guest) == []

    play(scenario)


def test_a_second_confirm_is_an_error_and_books_nothing_more() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        booking = await salon.draft(guest)
        await salon.reserve(booking)
        answers = await asyncio.gather(*(salon.confirm(booking) for _ in range(5)))
        assert sorted(answer["is_confirmed"] for answer in answers) == [False] * 4 + [True]
        assert (await salon.confirm(booking))["error"]["code"] == 400
        assert len(await salon.booked(guest)) == 1

    play(scenario)


def test_a_second_confirm_can_repeat_the_first_answer() -> None:
    async def scenario(salon: Salon) -> None:
        await salon.turn(second_confirm="repeat")
        guest = await salon.add_guest()
        booking = await salon.draft(guest)
        await salon.reserve(booking)
        assert await salon.confirm(booking) == await salon.confirm(booking)
        salon.clock.advance(timedelta(hours=3))
        assert (await salon.confirm(booking))["is_confirmed"] is True
        assert len(await salon.booked(guest)) == 1

    play(scenario)


def test_a_confirmed_draft_offers_and_holds_nothing_more() -> None:
    async def scenario(salon: Salon) -> None:
        booking = await salon.draft(await salon.add_guest())
        await salon.reserve(booking)
        await salon.confirm(booking)
        assert (await salon.slots(booking))["Error"] is not None
        assert (await salon.reserve(booking, "16:00"))["is_reserved"] is False

    play(scenario)


def test_a_second_reserve_moves_adds_or_is_refused() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        first, other = await salon.draft(guest, person=RUI), await salon.draft(guest, person=RUI)
        await salon.reserve(first, "12:00")
        assert (await salon.reserve(first, "16:00"))["is_reserved"] is True
        assert f"{EMPTY_DAY}T12:00:00" in await salon.free_times(other)
        await salon.turn(second_reserve="adds")
        await salon.reserve(first, "18:00")
        assert f"{EMPTY_DAY}T16:00:00" not in await salon.free_times(other)
        await salon.turn(second_reserve="refused")
        assert (await salon.reserve(first, "14:00"))["is_reserved"] is False
        assert (await salon.confirm(first))["invoice"]["items"][0]["start_time"] == f"{EMPTY_DAY}T18:00:00"
        assert f"{EMPTY_DAY}T16:00:00" in await salon.free_times(other)

    play(scenario)


def test_a_draft_is_not_in_its_own_way() -> None:
    async def scenario(salon: Salon) -> None:
        booking = await salon.draft(await salon.add_guest(), person=RUI)
        await salon.reserve(booking, "14:00")
        assert f"{EMPTY_DAY}T14:00:00" in await salon.free_times(booking)
        assert (await salon.reserve(booking, "14:15"))["is_reserved"] is True

    play(scenario)


def test_only_a_time_of_the_grid_can_be_reserved() -> None:
    async def scenario(salon: Salon) -> None:
        booking = await salon.draft(await salon.add_guest())
        for wrong in ("12:07", "07:00", "noon"):
            assert (await salon.reserve(booking, wrong))["Error"]["Message"] == "Invalid slot time."
        assert (await salon.reserve(booking, "12:00", day=MOVED_DAY))["is_reserved"] is False

    play(scenario)


def test_two_services_follow_each_other_on_one_invoice() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        items = [{"item": {"id": HAIRCUT.id}}, {"item": {"id": MANICURE.id}}]
        invoice = await salon.book(guest, guest_more={"items": items})
        spans = [(item["start_time"][11:16], item["end_time"][11:16]) for item in invoice["items"]]
        assert spans == [("12:00", "13:00"), ("13:00", "13:45")]
        assert len({row["invoice_id"] for row in await salon.booked(guest)}) == 1

    play(scenario)


def test_one_person_can_be_asked_to_do_both() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        items = [{"item": {"id": HAIRCUT.id}}, {"item": {"id": MANICURE.id}}]
        more = {"consider_single_therapist_slot": True}
        assert await salon.free_times(await salon.draft(guest, guest_more={"items": items}, more=more)) == []
        twice = [{"item": {"id": HAIRCUT.id}}, {"item": {"id": HAIRCUT.id}}]
        invoice = await salon.book(guest, guest_more={"items": twice}, more=more)
        assert len({item["therapist"]["id"] for item in invoice["items"]}) == 1

    play(scenario)


def test_a_group_is_served_side_by_side_on_an_invoice_each() -> None:
    async def scenario(salon: Salon) -> None:
        guests = [await salon.add_guest(f"91200000{number}") for number in range(2)]
        rows = [{"id": guest, "items": [{"item": {"id": SWEDISH.id}}]} for guest in guests]
        booking = await salon.draft(guests[0], more={"guests": rows})
        await salon.reserve(booking)
        answer = await salon.confirm(booking)
        assert [one["guest"]["Id"] for one in answer["invoices"]] == guests
        booked = [row for guest in guests for row in await salon.booked(guest)]
        assert {row["start_time"] for row in booked} == {f"{EMPTY_DAY}T12:00:00"}
        assert len({row["staff_id"] for row in booked}) == len({row["invoice_id"] for row in booked}) == 2

    play(scenario)


def test_the_notes_of_a_confirm_are_kept_everywhere() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        invoice = await salon.book(guest, notes="frontdesk a1b2")
        (row,) = await salon.booked(guest)
        assert row["notes"] == "frontdesk a1b2"
        visit = (await salon.call("GET", f"/v1/appointments/{row['id']}")).body
        whole = (await salon.call("GET", f"/v1/invoices/{invoice['invoice_id']}")).body["invoice"]
        listed = (await salon.call("GET", f"/v1/guests/{guest}/appointments")).body["appointments"][0]
        assert visit["notes"] == whole["notes"] == whole["appointments"][0]["notes"] == listed["notes"] == "frontdesk a1b2"

    play(scenario)


def test_a_reschedule_moves_in_place_and_only_on_confirm() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        before = await salon.book(guest, notes="ref", person=RUI)
        booking = await salon.draft(guest, day=MOVED_DAY, person=RUI, **moving(before))
        await salon.reserve(booking, "15:00", day=MOVED_DAY)
        assert [row["start_time"] for row in await salon.booked(guest)] == [f"{EMPTY_DAY}T12:00:00"]
        after = (await salon.confirm(booking))["invoice"]
        assert after["invoice_id"] == before["invoice_id"]
        assert after["items"][0]["appointment_id"] == before["items"][0]["appointment_id"]
        (row,) = await salon.booked(guest)
        assert (row["start_time"], row["notes"], row["booking_id"]) == (f"{MOVED_DAY}T15:00:00", "ref", booking)
        assert f"{EMPTY_DAY}T12:00:00" in await salon.free_times(await salon.draft(guest, person=RUI))

    play(scenario)


def test_what_is_moved_does_not_block_itself() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        before = await salon.book(guest, person=RUI)
        booking = await salon.draft(guest, person=RUI, **moving(before))
        assert (await salon.reserve(booking, "12:15"))["is_reserved"] is True
        assert (await salon.confirm(booking))["is_confirmed"] is True

    play(scenario)


def test_a_reschedule_needs_the_item_and_a_live_appointment() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        before = await salon.book(guest)
        no_item = await salon.ask_draft(guest, guest_more={"invoice_id": before["invoice_id"]})
        assert no_item.body["Error"]["StatusCode"] == 503
        wrong = moving(before) | {"item": {"invoice_item_id": STRANGER}}
        assert (await salon.ask_draft(guest, **wrong)).body["Error"]["StatusCode"] == 502
        await salon.call("PUT", f"/v1/invoices/{before['invoice_id']}/cancel")
        assert (await salon.ask_draft(guest, **moving(before))).body["Error"]["StatusCode"] == 5001

    play(scenario)


def test_what_was_cancelled_meanwhile_is_not_moved() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        before = await salon.book(guest)
        booking = await salon.draft(guest, **moving(before))
        await salon.reserve(booking, "16:00")
        await salon.call("PUT", f"/v1/invoices/{before['invoice_id']}/cancel")
        assert (await salon.confirm(booking))["error"]["code"] == 4072
        assert [row["status"] for row in await salon.booked(guest)] == ["cancelled"]

    play(scenario)


def test_a_place_is_lost_to_the_desk_before_reserve_but_not_after() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        wish = {"location_id": HARBOUR.id, "staff_id": RUI.id, "service_id": SWEDISH.id, "guest_name": "Ada Reis"}
        booking = await salon.draft(guest, person=RUI)
        assert (await salon.control("POST", "/appointments", json=wish | {"start_time": f"{EMPTY_DAY}T12:00:00"})).status == 201
        assert (await salon.reserve(booking, "12:00"))["is_reserved"] is False
        await salon.reserve(booking, "15:00")
        assert (await salon.control("POST", "/appointments", json=wish | {"start_time": f"{EMPTY_DAY}T15:00:00"})).status == 409
        assert (await salon.confirm(booking))["is_confirmed"] is True

    play(scenario)
