import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.bot.sandbox.whautomate.desk import BROOKLYN, DAY, Desk, open_desk, place_id, service_id, staff_id

TAKEN = (400, {"error": "The selected time slot is not available"})


# ── Slots ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("form", "first"),
    [("12h", "12:00 PM"), ("24h", "12:00"), ("iso", "2030-07-09T12:00:00+01:00"), ("iso-z", "2030-07-09T12:00:00.000Z")],
)
def test_times_are_spelled_as_the_switch_says(form: str, first: str) -> None:
    async def scenario() -> None:
        async with open_desk(time_format=form) as desk:
            assert first in await desk.list_times()

    asyncio.run(scenario())


def test_three_days_are_answered_where_they_are_asked_for() -> None:
    async def scenario() -> None:
        async with open_desk() as desk:
            wish = {"serviceId": service_id(), "locationId": place_id(), "date": "2030-07-13", "timezone": "Europe/Lisbon"}
            rows = await desk.get("/appointments/slots", **wish, nextThreeDays="true")
            assert [row["date"] for row in rows] == [f"2030-07-{day}T00:00:00.000Z" for day in (13, 14, 15)]
            assert (rows[0]["timezone"], rows[1]["slots"]) == ("Europe/Lisbon", [])  # closed on Sundays
            assert len(await desk.get("/appointments/slots", **wish, nextThreeDays="True ")) == 1
            desk.emulator.switches.change({"empty_days": "missing"})
            assert len(await desk.get("/appointments/slots", **wish, nextThreeDays="true")) == 2

    asyncio.run(scenario())


def test_times_of_another_zone_are_converted() -> None:
    async def scenario() -> None:
        async with open_desk(time_format="24h") as desk:
            here, there = await desk.list_times(), await desk.list_times(timezone="Europe/Madrid")
            assert [f"{int(one[:2]) + 1:02}{one[2:]}" for one in here] == there
            wish = {"serviceId": service_id(), "locationId": place_id(), "date": DAY, "timezone": "Mars"}
            assert await desk.call("GET", "/appointments/slots", **wish) == (400, {"error": "Invalid parameters"})

    asyncio.run(scenario())


def test_times_for_anyone_are_those_of_all_together() -> None:
    async def scenario() -> None:
        async with open_desk(time_format="24h") as desk:
            each = [set(await desk.list_times(staffId=staff_id(name))) for name in ("Anna", "Rui")]
            assert set(await desk.list_times()) == set.union(*each)
            desk.emulator.switches.change({"slots_without_staff": "error"})
            wish = {"serviceId": service_id(), "locationId": place_id(), "date": DAY}
            assert await desk.call("GET", "/appointments/slots", **wish) == (400, {"error": "Invalid parameters"})

    asyncio.run(scenario())


# ── Booking ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_booking_has_true_utc_beside_a_false_z() -> None:
    async def scenario() -> None:
        async with open_desk() as desk:
            made = await desk.post("/appointments", desk.wish("12:00 PM", staff={"id": staff_id("Rui")}))
            assert (made["startTimeUTC"], made["startTime"]) == ("2030-07-09T11:00:00.000Z", "2030-07-09T12:00:00.000Z")
            assert (made["time"], made["timezone"], made["status"]) == ("12:00 PM", "Europe/Lisbon", "Booked")
            assert (made["client"]["fullName"], made["staff"]["name"]) == ("Noor H", "Rui Carvalho")
            assert "notes" not in made
            assert await desk.get(f"/appointments/{made['id']}") == made
            desk.emulator.switches.change({"false_z": False, "echo_notes": True})
            again = await desk.get(f"/appointments/{made['id']}")
            assert (again["startTime"], again["notes"]) == (made["startTimeUTC"], "[FD-1]")

    asyncio.run(scenario())


@pytest.mark.parametrize("time", ["12:00", "12:00 pm", "12:07 PM", "2030-07-09T12:00:00+01:00", "noon"])
def test_only_the_slots_own_spelling_is_taken(time: str) -> None:
    async def scenario() -> None:
        async with open_desk() as desk:
            status, _ = await desk.call("POST", "/appointments", desk.wish(time))
            assert status == 400

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"date": None}, 400),
        ({"date": "09/07/2030"}, 400),
        ({"time": None}, 400),
        ({"client": "Noor"}, 400),
        ({"client": {"fullName": "Noor H"}}, 400),
        ({"client": {"fullName": "Noor H", "countryCode": "351", "phone": "910000000"}}, 400),
        ({"client": {"id": "gone"}}, 404),
        ({"location": {"id": "gone"}}, 404),
        ({"location": None}, 404),
        ({"service": {"id": "gone"}}, 404),
        ({"service": {"id": service_id(place=BROOKLYN)}}, 404),
        ({"service": None}, 400),
        ({"staff": {"id": "gone"}}, 404),
        ({"overrideTimeSlotValidation": "false"}, 400),
        ({"addOnServices": [{"id": "gone"}]}, 404),
    ],
)
def test_what_is_missing_or_unknown_is_refused_and_nothing_made(changes: dict[str, Any], status: int) -> None:
    async def scenario() -> None:
        async with open_desk() as desk:
            found, answer = await desk.call("POST", "/appointments", desk.wish("12:00 PM") | changes)
            assert (found, len(answer)) == (status, 1)
            assert not [row for row in await desk.control("GET", "/appointments") if row["is_from_bot"]]

    asyncio.run(scenario())


@pytest.mark.parametrize("body", ["text", [], None])
def test_a_body_that_is_no_object_is_refused(body: Any) -> None:
    async def scenario() -> None:
        async with open_desk() as desk:
            assert await desk.call("POST", "/appointments", body) == (400, {"message": "Invalid request body"})

    asyncio.run(scenario())


def test_a_taken_time_is_taken_unless_a_clash_is_asked_for() -> None:
    async def scenario() -> None:
        async with open_desk() as desk:
            wish = desk.wish("12:00 PM", staff={"id": staff_id("Rui")})
            await desk.post("/appointments", wish)
            assert await desk.call("POST", "/appointments", wish) == TAKEN
            desk.emulator.switches.change({"taken_status": 422})
            assert (await desk.call("POST", "/appointments", wish))[0] == 422
            await desk.post("/appointments", wish | {"overrideTimeSlotValidation": True})

    asyncio.run(scenario())


async def find_pair(desk: Desk, apart: timedelta) -> tuple[str, str]:
    """Two of Rui's free times."""
    times = await desk.list_times(staffId=staff_id("Rui"))
    read = {datetime.strptime(time, "%I:%M %p"): time for time in times}  # noqa: DTZ007
    return next((time, read[moment + apart]) for moment, time in read.items() if moment + apart in read)


@pytest.mark.parametrize("checks", [True, False])
def test_add_ons_lengthen_the_visit_though_slots_ignore_them(checks: bool) -> None:
    async def scenario() -> None:
        async with open_desk(checks_add_ons=checks) as desk:
            rui = {"id": staff_id("Rui")}
            first, second = await find_pair(desk, timedelta(minutes=75))
            await desk.post("/appointments", desk.wish(second, staff=rui))
            assert first in await desk.list_times(staffId=rui["id"])
            wish = desk.wish(first, staff=rui, addOnServices=[{"id": service_id("stones")}])
            status, answer = await desk.call("POST", "/appointments", wish)
            assert status == (400 if checks else 200)
            if not checks:
                length = datetime.fromisoformat(answer["endTimeUTC"]) - datetime.fromisoformat(answer["startTimeUTC"])
                assert length == timedelta(minutes=75)
                assert [one["name"] for one in answer["addOnServices"]] == ["Hot stones"]

    asyncio.run(scenario())


@pytest.mark.parametrize(("links", "count"), [(True, 1), (False, 2)])
def test_an_inline_client_is_linked_by_phone(links: bool, count: int) -> None:
    async def scenario() -> None:
        async with open_desk(inline_client_links_by_phone=links) as desk:
            times = await desk.list_times()
            made = [await desk.post("/appointments", desk.wish(time)) for time in (times[0], times[-1])]
            assert len({one["client"]["id"] for one in made}) == count

    asyncio.run(scenario())


# ── Lists ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def book_two(desk: Desk) -> list[dict[str, Any]]:
    times = await desk.list_times()
    return [await desk.post("/appointments", desk.wish(time)) for time in (times[0], times[-1])]


def test_a_list_is_narrowed_by_client_staff_place_and_day() -> None:
    async def scenario() -> None:
        async with open_desk(default_page_size=100) as desk:
            made = await book_two(desk)
            client = made[0]["client"]["id"]
            assert await desk.get("/appointments", clientId=client) == made
            assert await desk.get("/appointments", clientId=client, locationId=place_id(BROOKLYN)) == []
            assert await desk.get("/appointments", clientId=client, startDate=DAY, endDate=DAY) == made
            assert await desk.get("/appointments", clientId=client, startDate="2030-07-10") == []
            everybody = await desk.get("/appointments", locationId=place_id(), startDate=DAY, endDate=DAY)
            assert len(everybody) > 2
            by_staff = await desk.get("/appointments", locationId=place_id(), staffId=staff_id("Rui"), limit="100")
            assert {row["staff"]["name"] for row in by_staff} == {"Rui Carvalho"}
            desk.emulator.switches.change({"end_date": "exclusive"})
            assert await desk.get("/appointments", clientId=client, startDate=DAY, endDate=DAY) == []

    asyncio.run(scenario())


def test_a_new_appointment_may_show_late_in_lists() -> None:
    async def scenario() -> None:
        async with open_desk(read_delay_seconds=1000) as desk:
            [made, _] = await book_two(desk)
            assert await desk.get("/appointments", clientId=made["client"]["id"]) == []
            assert (await desk.get(f"/appointments/{made['id']}"))["id"] == made["id"]

    asyncio.run(scenario())


# ── Changes ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("moved_id", "word"), [("same", "Booked"), ("new", "Rescheduled")])
def test_a_move_keeps_person_and_service(moved_id: str, word: str) -> None:
    async def scenario() -> None:
        async with open_desk(moved_id=moved_id, moved_status=word) as desk:
            made = (await book_two(desk))[0]
            time = (await desk.list_times("2030-07-11", staffId=made["staff"]["id"]))[-1]
            wish = {"appointmentId": made["id"], "location": {"id": place_id()}, "date": "2030-07-11", "time": time}
            moved = await desk.post("/appointments/reschedule", wish)
            assert (moved["id"] == made["id"], moved["status"], moved["time"]) == (moved_id == "same", word, time)
            assert (moved["staff"], moved["service"], moved["client"]) == (made["staff"], made["service"], made["client"])
            old = await desk.get(f"/appointments/{made['id']}")
            assert old["status"] == (word if moved_id == "same" else "Cancelled")

    asyncio.run(scenario())


def test_a_move_onto_a_taken_time_changes_nothing() -> None:
    async def scenario() -> None:
        async with open_desk() as desk:
            rui = {"id": staff_id("Rui")}
            times = await find_pair(desk, timedelta(minutes=75))
            first, _ = [await desk.post("/appointments", desk.wish(time, staff=rui)) for time in times]
            wish = {"appointmentId": first["id"], "date": DAY, "time": times[1]}
            assert await desk.call("POST", "/appointments/reschedule", wish) == TAKEN
            assert await desk.get(f"/appointments/{first['id']}") == first

    asyncio.run(scenario())


@pytest.mark.parametrize("again", [400, 200])
def test_a_cancelled_time_is_free_again_and_stays_listed(again: int) -> None:
    async def scenario() -> None:
        async with open_desk(cancelled_again=again) as desk:
            made = await desk.post("/appointments", desk.wish("12:00 PM", staff={"id": staff_id("Rui")}))
            wish = {"appointmentId": made["id"], "location": {"id": place_id()}, "cancellationReason": "asked by guest"}
            assert await desk.post("/appointments/cancel", wish) == {}
            assert (await desk.call("POST", "/appointments/cancel", wish))[0] == again
            [row] = await desk.get("/appointments", clientId=made["client"]["id"])
            assert row["status"] == "Cancelled"
            assert "12:00 PM" in await desk.list_times(staffId=staff_id("Rui"))
            assert (await desk.call("POST", "/appointments/reschedule", wish | {"date": DAY, "time": "12:00 PM"}))[0] == 400

    asyncio.run(scenario())


@pytest.mark.parametrize("path", ["/appointments/cancel", "/appointments/reschedule"])
def test_an_unknown_appointment_is_404(path: str) -> None:
    async def scenario() -> None:
        async with open_desk() as desk:
            status, answer = await desk.call("POST", path, {"appointmentId": "gone", "date": DAY, "time": "12:00 PM"})
            assert (status, list(answer)) == (404, ["error"])

    asyncio.run(scenario())
