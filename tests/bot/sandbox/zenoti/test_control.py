"""The control API: the desk, the switches, the looks behind the scenes."""

from typing import Any

import pytest

from tests.bot.sandbox.zenoti.salon import EMPTY_DAY, HARBOUR, RUI, STRANGER, SWEDISH, Salon, play

WISH = {
    "location_id": HARBOUR.id,
    "staff_id": RUI.id,
    "service_id": SWEDISH.id,
    "start_time": f"{EMPTY_DAY}T14:00:00",
    "guest_name": "Ada Reis",
}


def test_a_row_tells_everything_about_an_appointment() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        booking = await salon.draft(guest, person=RUI)
        await salon.reserve(booking)
        invoice = (await salon.confirm(booking, "ref"))["invoice"]
        rows = (await salon.control("GET", "/appointments", params={"location_id": HARBOUR.id, "date": EMPTY_DAY})).body
        created = rows[0].pop("created_at")
        assert created.startswith("2035-03-05T06:30")
        assert rows == [
            {
                "id": invoice["items"][0]["appointment_id"],
                "invoice_id": invoice["invoice_id"],
                "location_id": HARBOUR.id,
                "location_name": "Harbour",
                "service_id": SWEDISH.id,
                "service_name": "Swedish massage",
                "staff_id": RUI.id,
                "staff_name": "Rui Carvalho",
                "guest_id": guest,
                "guest_name": "Mia Chen",
                "guest_phone": "+351 912345678",
                "start_time": f"{EMPTY_DAY}T12:00:00",
                "end_time": f"{EMPTY_DAY}T13:00:00",
                "start_utc": f"{EMPTY_DAY}T11:00:00Z",
                "status": "booked",
                "notes": "ref",
                "booking_id": booking,
                "is_from_bot": True,
            }
        ]

    play(scenario)


def test_the_desk_books_and_cancels() -> None:
    async def scenario(salon: Salon) -> None:
        made = await salon.control("POST", "/appointments", json=WISH)
        assert (made.status, made.body["guest_name"], made.body["start_time"]) == (201, "Ada Reis", f"{EMPTY_DAY}T14:00:00")
        assert (await salon.control("POST", "/appointments", json=WISH)).status == 409
        gone = await salon.control("DELETE", f"/appointments/{made.body['id']}")
        assert (gone.status, gone.body["status"]) == (200, "cancelled")
        assert (await salon.control("DELETE", f"/appointments/{made.body['id']}")).status == 409
        assert (await salon.control("POST", "/appointments", json=WISH)).status == 201
        assert salon.changes == ["zenoti"] * 3

    play(scenario)


def test_a_cancel_at_the_desk_reaches_the_guests_own_list() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        item = (await salon.book(guest))["items"][0]
        await salon.control("DELETE", f"/appointments/{item['appointment_id']}")
        rows = (await salon.call("GET", f"/v1/guests/{guest}/appointments")).body["appointments"]
        assert rows[0]["appointment_services"][0]["appointment_status"] == -1

    play(scenario)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"start_time": f"{EMPTY_DAY}T09:00:00"}, 409),
        ({"start_time": "2035-04-06T14:00:00"}, 409),
        ({"start_time": f"{EMPTY_DAY}T14:00:00Z"}, 400),
        ({"guest_name": ""}, 400),
        ({"colour": "red"}, 400),
        ({"location_id": STRANGER}, 404),
        ({"staff_id": STRANGER}, 404),
    ],
)
def test_a_desk_booking_that_cannot_be_is_refused(change: dict[str, Any], status: int) -> None:
    async def scenario(salon: Salon) -> None:
        assert (await salon.control("POST", "/appointments", json=WISH | change)).status == status

    play(scenario)


def test_an_unknown_appointment_or_invoice_is_404() -> None:
    async def scenario(salon: Salon) -> None:
        assert (await salon.control("DELETE", f"/appointments/{STRANGER}")).status == 404
        assert (await salon.control("PUT", f"/invoices/{STRANGER}/paid", json={"amount": 1})).status == 404

    play(scenario)


def test_guests_are_listed_with_those_of_every_organisation() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        rows = (await salon.control("GET", "/guests")).body
        assert guest in {row["id"] for row in rows}
        assert {row["center_name"] for row in rows} == {"Harbour", "Brooklyn", "Bandra", "Riverside Physio"}

    play(scenario)


@pytest.mark.parametrize(
    "wishes",
    [
        {"colour": "red"},
        {"hold_minutes": 0},
        {"future_days": "perhaps"},
        {"booking_error_status": 500},
        {"mandatory_guest_fields": ["colour"]},
        ["hold_minutes"],
    ],
)
def test_a_wrong_switch_is_400_and_turns_nothing(wishes: Any) -> None:
    async def scenario(salon: Salon) -> None:
        before = (await salon.control("GET", "/switches")).body
        both = wishes | {"grid_minutes": 5} if isinstance(wishes, dict) else wishes
        assert (await salon.control("PUT", "/switches", json=both)).status == 400
        assert (await salon.control("GET", "/switches")).body == before

    play(scenario)


def test_a_body_that_is_no_json_is_400() -> None:
    async def scenario(salon: Salon) -> None:
        assert (await salon.control("PUT", "/switches", data=b"{oops")).status == 400
        assert (await salon.control("POST", "/appointments", data=b"{oops")).status == 400

    play(scenario)


def test_switches_are_shown_as_they_are_turned() -> None:
    async def scenario(salon: Salon) -> None:
        answer = await salon.control("PUT", "/switches", json={"calls_per_minute": 7, "mandatory_guest_fields": ["email"]})
        assert (answer.status, answer.body["calls_per_minute"], answer.body["mandatory_guest_fields"]) == (200, 7, ["email"])
        assert salon.emulator.switches.calls_per_minute == 7

    play(scenario)
