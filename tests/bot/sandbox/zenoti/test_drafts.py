"""Drafts and their slots (§9.1, §9.2), and drafts that move something (§10)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.bot.sandbox.zenoti.salon import (
    ANNA,
    BANDRA,
    BEATRIZ,
    EMPTY_DAY,
    HAIRCUT,
    HARBOUR,
    MANICURE,
    RUI,
    STRANGER,
    SWEDISH,
    Salon,
    play,
    service,
    therapist,
)

TODAY_EVENING = datetime(2035, 3, 5, 18, 50, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ({"more": {"center_id": STRANGER}}, 502),
        ({"more": {"center_id": ""}}, 503),
        ({"more": {"date": "soon"}}, 503),
        ({"more": {"guests": []}}, 503),
        ({"guest_more": {"id": STRANGER}}, 502),
        ({"guest_more": {"items": []}}, 503),
        ({"item": {"item": {"id": STRANGER}}}, 502),
        ({"item": {"item": {}}}, 503),
        ({"item": {"therapist": {"id": STRANGER}}}, 502),
        ({"item": {"add_ons": [{"item": {"id": service("Gel polish").id}}]}}, 400),
        ({"wanted": service("Bridal consultation")}, 400),
        ({"wanted": service("Hair colour")}, 400),
        ({"wanted": service("Hot stones")}, 400),
        ({"guest_more": {"invoice_id": STRANGER}}, 502),
    ],
)
def test_a_draft_that_cannot_be_is_refused_in_a_200(wishes: dict[str, Any], code: int) -> None:
    async def scenario(salon: Salon) -> None:
        answer = await salon.ask_draft(await salon.add_guest(), **wishes)
        assert (answer.status, answer.body["id"], answer.body["Error"]["StatusCode"]) == (200, None, code)

    play(scenario)


def test_a_draft_holds_nothing() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        first, second = await salon.draft(guest), await salon.draft(guest)
        assert await salon.free_times(first) == await salon.free_times(second)

    play(scenario)


def test_a_draft_dies_after_half_an_hour() -> None:
    async def scenario(salon: Salon) -> None:
        booking = await salon.draft(await salon.add_guest())
        salon.clock.advance(timedelta(minutes=29))
        assert (await salon.slots(booking))["Error"] is None
        salon.clock.advance(timedelta(minutes=1))
        answer = await salon.slots(booking)
        assert (answer["slots"], answer["Error"]["Message"]) == (None, "Invalid booking id")
        assert (await salon.reserve(booking))["is_reserved"] is False

    play(scenario)


def test_slots_are_every_quarter_of_the_day_in_local_time() -> None:
    async def scenario(salon: Salon) -> None:
        booking = await salon.draft(await salon.add_guest())
        slots = (await salon.slots(booking))["slots"]
        assert [slots[0]["Time"], slots[1]["Time"], slots[-1]["Time"]] == [
            f"{EMPTY_DAY}T09:00:00",
            f"{EMPTY_DAY}T09:15:00",
            f"{EMPTY_DAY}T19:45:00",
        ]
        assert set(slots[0]) == {"Time", "Warnings", "Priority", "Available", "SalePrice"}

    play(scenario)


def test_the_grid_can_be_finer() -> None:
    async def scenario(salon: Salon) -> None:
        await salon.turn(grid_minutes=5)
        booking = await salon.draft(await salon.add_guest())
        assert f"{EMPTY_DAY}T12:05:00" in await salon.free_times(booking)

    play(scenario)


def test_blocked_slots_say_why() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        await salon.book(guest, "14:00", person=RUI)
        booking = await salon.draft(await salon.add_guest("913000000"), person=RUI)
        slots = {slot["Time"][11:16]: slot for slot in (await salon.slots(booking))["slots"]}
        assert slots["09:00"]["Warnings"][0]["Type"] == 1
        assert slots["14:30"]["Warnings"][0]["Type"] == 0
        assert slots["19:30"]["Warnings"][0]["Type"] == 4
        assert slots["16:00"]["Warnings"] is None

    play(scenario)


def test_recovery_time_blocks_the_therapist_but_not_the_guest() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        invoice = await salon.book(guest, "12:00", person=RUI)
        assert invoice["items"][0]["end_time"] == f"{EMPTY_DAY}T13:00:00"
        free = await salon.free_times(await salon.draft(guest, person=RUI))
        assert f"{EMPTY_DAY}T13:00:00" not in free
        assert f"{EMPTY_DAY}T13:15:00" in free

    play(scenario)


def test_an_add_on_makes_the_appointment_longer() -> None:
    async def scenario(salon: Salon) -> None:
        stones = {"add_ons": [{"item": {"id": service("Hot stones").id}}]}
        invoice = await salon.book(await salon.add_guest(), item=stones)
        assert invoice["items"][0]["end_time"] == f"{EMPTY_DAY}T13:15:00"

    play(scenario)


@pytest.mark.parametrize("anyone", [{}, {"therapist": {}}, {"therapist": {"id": "", "Gender": "0"}}])
def test_no_therapist_means_anyone(anyone: dict[str, Any]) -> None:
    async def scenario(salon: Salon) -> None:
        free = await salon.free_times(await salon.draft(await salon.add_guest(), item=anyone))
        assert free[0] == f"{EMPTY_DAY}T09:00:00"
        assert free[-1] == f"{EMPTY_DAY}T19:00:00"

    play(scenario)


def test_a_gender_can_be_asked_for() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        male = await salon.book(guest, item={"therapist": {"Gender": 1}})
        assert male["items"][0]["therapist"]["id"] == RUI.id
        female = await salon.book(guest, item={"therapist": {"Gender": "2"}})
        assert female["items"][0]["therapist"]["id"] == ANNA.id

    play(scenario)


def test_an_unskilled_therapist_has_no_free_time() -> None:
    async def scenario(salon: Salon) -> None:
        assert await salon.free_times(await salon.draft(await salon.add_guest(), person=BEATRIZ, wanted=HAIRCUT)) == []

    play(scenario)


def test_a_trainee_is_left_out_where_only_the_catalogue_counts() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest("9820012345", center=BANDRA)
        kavya, day = therapist("Kavya", BANDRA), "2035-04-02"
        for number in range(2):
            await salon.book(guest, f"{11 + number}:00", center=BANDRA, day=day, wanted=MANICURE, person=kavya)
        only = {"more": {"is_only_catalog_employees": "true"}}
        shown = await salon.free_times(await salon.draft(guest, center=BANDRA, day=day, wanted=MANICURE, **only))
        everybody = await salon.free_times(await salon.draft(guest, center=BANDRA, day=day, wanted=MANICURE))
        assert f"{day}T11:00:00" not in shown
        assert f"{day}T11:00:00" in everybody

    play(scenario)


def test_a_closed_day_and_a_past_day_offer_nothing() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        sunday = await salon.slots(await salon.draft(guest, day="2035-04-01"))
        assert (sunday["slots"], sunday["Error"]) == ([], None)
        await salon.turn(past_times="unavailable")
        assert await salon.free_times(await salon.draft(guest, day="2035-03-01")) == []

    play(scenario)


@pytest.mark.parametrize(
    ("past", "listed", "available"), [("available", True, True), ("unavailable", True, False), ("hidden", False, False)]
)
def test_past_times_of_today_are_listed_as_switched(past: str, listed: bool, available: bool) -> None:
    async def scenario(salon: Salon) -> None:
        await salon.turn(past_times=past)
        booking = await salon.draft(await salon.add_guest(), day="2035-03-05")
        slots = [slot for slot in (await salon.slots(booking))["slots"] if slot["Time"] < "2035-03-05T18:50"]
        assert bool(slots) == listed
        assert any(slot["Available"] for slot in slots) == available

    play(scenario, now=TODAY_EVENING)


def test_a_past_time_cannot_be_reserved() -> None:
    async def scenario(salon: Salon) -> None:
        booking = await salon.draft(await salon.add_guest(), day="2035-03-05")
        past = [time for time in await salon.free_times(booking) if time < "2035-03-05T18:50"]
        answer = await salon.reserve(booking, past[0][11:16], day="2035-03-05")
        assert answer["is_reserved"] is False
        assert answer["Error"]["Message"] == "The selected slot is no longer available."

    play(scenario, now=TODAY_EVENING)


def test_later_days_come_only_when_asked_for() -> None:
    async def scenario(salon: Salon) -> None:
        booking = await salon.draft(await salon.add_guest(), day="2035-03-31", person=ANNA)
        plain = await salon.slots(booking, check_future_day_availability="false")
        assert (plain["future_days"], plain["next_available_day"]) == ([], None)
        asked = await salon.slots(booking, check_future_day_availability="true")
        days = {row["Day"][:10]: (row["IsAvailable"], row["IsHoliday"]) for row in asked["future_days"]}
        assert days == {
            "2035-04-01": (False, True),
            "2035-04-02": (True, False),
            "2035-04-03": (True, False),
            "2035-04-04": (False, False),
            "2035-04-05": (True, False),
            "2035-04-06": (True, False),
        }
        assert asked["next_available_day"] == "2035-04-02T00:00:00"

    play(scenario)


def test_later_days_can_come_always_and_reach_less_far() -> None:
    async def scenario(salon: Salon) -> None:
        booking = await salon.draft(await salon.add_guest())
        await salon.turn(future_days="always", future_days_ahead=2)
        assert len((await salon.slots(booking))["future_days"]) == 2
        await salon.turn(future_days="never")
        assert (await salon.slots(booking, check_future_day_availability="true"))["future_days"] == []

    play(scenario)


def test_slots_can_lack_the_flag_repeat_and_carry_a_price() -> None:
    async def scenario(salon: Salon) -> None:
        booking = await salon.draft(await salon.add_guest(), person=RUI)
        await salon.turn(available_flag=False)
        slots = (await salon.slots(booking))["slots"]
        assert slots[0]["Time"] == f"{EMPTY_DAY}T12:00:00"
        assert "Available" not in slots[0]
        await salon.turn(available_flag=True, duplicate_slots=True, slot_prices=True)
        slots = (await salon.slots(booking))["slots"]
        assert slots[0] == slots[1]
        assert slots[0]["SalePrice"] == 55

    play(scenario)


def test_double_booking_is_possible_only_when_asked_for() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        await salon.book(guest, person=RUI)
        refused = await salon.draft(guest, person=RUI)
        assert (await salon.reserve(refused))["is_reserved"] is False
        overlapping = await salon.draft(guest, person=RUI, query={"is_double_booking_enabled": "true"})
        slot = next(one for one in (await salon.slots(overlapping))["slots"] if one["Time"].endswith("T12:00:00"))
        assert (slot["Available"], [row["Type"] for row in slot["Warnings"]]) == (True, [0, 2])
        assert (await salon.reserve(overlapping))["is_reserved"] is True

    play(scenario)


def test_a_guest_in_two_places_at_once_is_warned_of_or_refused() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        await salon.book(guest, person=RUI)
        booking = await salon.draft(guest, wanted=MANICURE)
        slots = {slot["Time"][11:16]: slot for slot in (await salon.slots(booking))["slots"]}
        assert (slots["12:00"]["Available"], slots["12:00"]["Warnings"][0]["Type"]) == (True, 2)
        assert slots["16:00"]["Warnings"] is None
        await salon.turn(guest_double_booking="refused")
        assert (await salon.reserve(booking))["is_reserved"] is False

    play(scenario)


def test_a_draft_without_a_guest_is_for_looking_only() -> None:
    async def scenario(salon: Salon) -> None:
        booking = await salon.draft(None)
        assert await salon.free_times(booking)
        assert (await salon.reserve(booking))["is_reserved"] is False

    play(scenario)


def test_the_clinic_has_its_own_drafts() -> None:
    async def scenario(salon: Salon) -> None:
        answer = await salon.ask_draft(None, center=HARBOUR, wanted=SWEDISH, key="demo-clinic")
        assert answer.body["Error"]["StatusCode"] == 502

    play(scenario)
