import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.bot.sandbox.schedly.desk import Desk, Scenario, open_desk


def play(scenario: Scenario) -> None:
    async def run() -> None:
        async with open_desk() as desk:
            await scenario(desk)

    asyncio.run(run())


def test_a_create_answers_as_the_reference_shows_it() -> None:
    async def scenario(desk: Desk) -> None:
        made = await desk.book()
        assert made.status == 201
        assert set(made.body) == {"id", "serviceId", "startTime", "endTime", "status", "price", "service", "customer", "employee"}
        assert made.body["service"] == {"name": "Swedish massage"}
        assert (made.body["status"], made.body["price"]) == ("approved", 5500)
        assert made.body["startTime"].endswith(":00Z")

    play(scenario)


@pytest.mark.parametrize(
    ("change", "status", "code", "field"),
    [
        ({"startTime": None}, 422, "VALIDATION_ERROR", "startTime"),
        ({"endTime": None}, 422, "VALIDATION_ERROR", "endTime"),
        ({"serviceId": None}, 422, "VALIDATION_ERROR", "serviceId"),
        ({"startTime": "2030-01-08T10:00:00"}, 422, "VALIDATION_ERROR", "startTime"),
        ({"startTime": "2030-01-07T06:00:00Z"}, 422, "VALIDATION_ERROR", "startTime"),
        ({"endTime": "2030-01-01T10:00:00Z"}, 422, "VALIDATION_ERROR", "endTime"),
        ({"status": "booked"}, 422, "VALIDATION_ERROR", "status"),
        ({"locationId": 2}, 422, "VALIDATION_ERROR", "locationId"),
        ({"employeeId": 12}, 422, "VALIDATION_ERROR", "employeeId"),
        ({"serviceId": 999}, 404, "NOT_FOUND", ""),
        ({"customerId": 999}, 404, "NOT_FOUND", ""),
        ({"employeeId": 999}, 404, "NOT_FOUND", ""),
        ({"locationId": 999}, 404, "NOT_FOUND", ""),
    ],
)
def test_what_is_missing_or_wrong_is_refused(change: dict[str, Any], status: int, code: str, field: str) -> None:
    async def scenario(desk: Desk) -> None:
        made = await desk.book(**change)
        assert (made.status, made.body["status"], made.body["error"]) == (status, "error", code)
        assert field in [row["field"] for row in made.body.get("details", [{"field": ""}])]

    play(scenario)


def test_a_taken_time_is_a_conflict_and_the_second_is_not_written() -> None:
    async def scenario(desk: Desk) -> None:
        wish = await desk.wish()
        replies = await asyncio.gather(*(desk.call("POST", "services/appointments", wish) for _ in range(12)))
        assert sorted(reply.status for reply in replies) == [201] + [409] * 11
        assert {reply.body["error"] for reply in replies if reply.status == 409} == {"CONFLICT"}
        desk.switch(conflict_on_overlap=False)
        assert (await desk.call("POST", "services/appointments", wish)).status == 201

    play(scenario)


def test_outside_working_hours_is_taken_unless_nobody_checks() -> None:
    async def scenario(desk: Desk) -> None:
        night = {"startTime": "2030-01-08T03:00:00Z", "endTime": "2030-01-08T04:00:00Z"}
        assert (await desk.book(**night)).status == 409
        desk.switch(create_checks=False)
        assert (await desk.book(**night)).status == 201

    play(scenario)


def test_without_an_employee_somebody_free_is_found_and_without_a_status_it_is_pending() -> None:
    async def scenario(desk: Desk) -> None:
        made = await desk.book(employeeId=None, status=None)
        assert made.status == 201
        assert made.body["status"] == "pending"
        assert made.body["employee"]["name"]

    play(scenario)


@pytest.mark.parametrize(("notes", "status", "shown"), [("dropped", 201, None), ("kept", 201, "[FD-1]"), ("refused", 422, None)])
def test_notes_are_kept_dropped_or_refused(notes: str, status: int, shown: str | None) -> None:
    async def scenario(desk: Desk) -> None:
        desk.switch(notes=notes)
        made = await desk.book(notes="[FD-1]")
        assert made.status == status
        assert made.body.get("notes") == shown

    play(scenario)


def test_it_is_moved_and_cancelled_by_put_alone() -> None:
    async def scenario(desk: Desk) -> None:
        made = (await desk.book()).body
        where = f"services/appointments?id={made['id']}"
        assert (await desk.call("PATCH", where, {"status": "canceled"})).status == 405
        start = datetime.fromisoformat(made["startTime"]) + timedelta(minutes=5)
        moved = await desk.call("PUT", where, {"startTime": start.isoformat()})
        assert moved.status == 200
        assert datetime.fromisoformat(moved.body["startTime"]) == start
        assert datetime.fromisoformat(moved.body["endTime"]) == start + timedelta(hours=1)
        assert (await desk.call("PUT", where, {"status": "canceled"})).body["status"] == "canceled"
        assert (await desk.call("PUT", where, {"status": "canceled"})).status == 200
        assert (await desk.call("PUT", where, {"startTime": made["startTime"]})).status == 400
        assert (await desk.call("PUT", "services/appointments?id=999999", {"status": "canceled"})).status == 404
        desk.switch(missing_query_status=400)
        assert (await desk.call("PUT", "services/appointments", {"status": "canceled"})).status == 400

    play(scenario)


def test_a_change_that_must_name_the_times_is_refused_without() -> None:
    async def scenario(desk: Desk) -> None:
        made = (await desk.book()).body
        desk.switch(change_needs_times=True)
        where = f"services/appointments?id={made['id']}"
        assert (await desk.call("PUT", where, {"status": "canceled"})).status == 422
        times = {name: made[name] for name in ("startTime", "endTime")}
        assert (await desk.call("PUT", where, times | {"status": "canceled"})).status == 200

    play(scenario)


def test_a_move_onto_another_appointment_changes_nothing() -> None:
    async def scenario(desk: Desk) -> None:
        first = await desk.wish()
        made = (await desk.call("POST", "services/appointments", first)).body
        other = (await desk.book()).body
        body = {"startTime": made["startTime"], "endTime": made["endTime"], "employeeId": first["employeeId"]}
        assert (await desk.call("PUT", f"services/appointments?id={other['id']}", body)).status == 409
        assert (await desk.read(f"appointments?id={other['id']}"))["startTime"] == other["startTime"]

    play(scenario)


def test_lists_are_narrowed_and_say_more() -> None:
    async def scenario(desk: Desk) -> None:
        made = (await desk.book(customerId=3)).body
        rows = await desk.read("appointments?customerId=3&status=approved&from=2030-01-07T00:00:00Z&to=2030-01-31T00:00:00Z")
        row = next(row for row in rows if row["id"] == made["id"])
        assert (row["uid"], row["customerId"]) == (f"apt_{made['id']}", 3)
        assert row["employeeId"] in range(1, 6)
        assert {row["customerId"] for row in rows} == {3}
        profile = await desk.read("customers/detail?id=3")
        assert made["id"] in [row["id"] for row in profile["appointments"]]
        desk.switch(list_filters=False)
        assert len({row["customerId"] for row in await desk.read("appointments?customerId=3")}) > 1
        desk.switch(list_ids=False, profile="plain")
        assert "uid" not in await desk.read(f"appointments?id={made['id']}")
        assert "appointments" not in await desk.read("customers/detail?id=3")

    play(scenario)


def test_reads_lag_behind_where_they_are_told_to() -> None:
    async def scenario(desk: Desk) -> None:
        desk.switch(read_delay_seconds=20)
        made = (await desk.book(customerId=3)).body
        assert made["id"] not in [row["id"] for row in await desk.read("appointments?customerId=3")]
        desk.clock.advance(timedelta(seconds=21))
        assert made["id"] in [row["id"] for row in await desk.read("appointments?customerId=3")]

    play(scenario)


def test_the_desk_and_the_api_see_one_book() -> None:
    async def scenario(desk: Desk) -> None:
        made = (await desk.book()).body
        rows = await desk.control("GET", "/appointments")
        assert [row["id"] for row in rows if row["is_from_bot"]] == [str(made["id"])]
        await desk.control("DELETE", f"/appointments/{made['id']}")
        assert (await desk.read(f"appointments?id={made['id']}"))["status"] == "canceled"
        other = (await desk.book()).body
        await desk.control("PATCH", f"/appointments/{other['id']}", {"status": "no_show"})
        assert (await desk.read(f"appointments?id={other['id']}"))["status"] == "canceled"

    play(scenario)
