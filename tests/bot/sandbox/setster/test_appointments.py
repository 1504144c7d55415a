import asyncio
import json
from typing import Any

import pytest

from tests.bot.sandbox.setster.salon import BROOKLYN, THURSDAY, Salon, open_salon

EMAIL = "noor@example.net"


async def book_in_brooklyn(salon: Salon) -> tuple[str, Any]:
    """The wall clock asked for, and what was made."""
    services = await salon.read("/service", location_id=BROOKLYN)
    swedish = next(row["id"] for row in services if row["name"] == "Swedish massage")
    start = (await salon.times(service_id=swedish, location_id=BROOKLYN))["times"][THURSDAY][0]
    wish = {"location_id": int(BROOKLYN), "service_id": int(swedish), "employee_id": None, "start_date": f"{THURSDAY} {start}"}
    return f"{THURSDAY} {start[:5]}", await salon.book(**wish)


def test_an_answer_shows_what_was_made() -> None:
    async def scenario() -> None:
        async with open_salon() as salon:
            start = await salon.first_start()
            made = await salon.book(start_date=start, custom_data={"booking_ref": "FD-1"})
            assert (made["start_date"], made["length"], made["status"]) == (start[:16], 3_600_000, 2)
            assert made["id"] > 2**31
            assert (made["type"], made["custom_data"]) == ("Swedish massage", {"booking_ref": "FD-1"})
            assert made["client_id"]
            await salon.call("POST", "/appointment", await salon.wish(note="[FD-2]"))
            rows = await salon.read("/appointment", client_email=EMAIL)
            assert {row["client_id"] for row in rows} == {str(made["client_id"])}  # one address, one client
            assert json.loads(rows[0]["custom_fields"]) == {"0": ["FD-1", "booking_ref"]}

    asyncio.run(scenario())


@pytest.mark.parametrize("field", ["company_id", "client_email", "client_name", "service_id", "start_date"])
def test_a_create_without_a_required_field_names_it(field: str) -> None:
    async def scenario() -> None:
        async with open_salon() as salon:
            wish = await salon.wish()
            del wish[field]
            answer = await salon.call("POST", "/appointment", wish)
            assert (salon.seen[-1], answer["data"]) == (400, {"errors": {field: "required"}})

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "wrong",
    [
        {"duration": 50},
        {"client_email": "noor"},
        {"custom_data": {"unknown": "x"}},
        {"start_date": "tomorrow"},
        {"start_date": f"{THURSDAY} 03:00:00"},
        {"service_id": 1},
        {"location_id": 1},
        {"employee_id": 1},
    ],
    ids=str,
)
def test_a_create_with_something_wrong_is_refused(wrong: dict[str, Any]) -> None:
    async def scenario() -> None:
        async with open_salon() as salon:
            answer = await salon.call("POST", "/appointment", await salon.wish(**wrong))
            assert salon.seen[-1] in (400, 404)
            assert answer["statusCode"] == 1
            assert await salon.read("/appointment", client_email=EMAIL) == []
            salon.switch(errors_as_200=True)
            answer = await salon.call("POST", "/appointment", await salon.wish(**wrong))
            assert (salon.seen[-1], answer["statusCode"]) == (200, 1)

    asyncio.run(scenario())


def test_without_a_length_a_quarter_of_an_hour_is_booked() -> None:
    async def scenario() -> None:
        async with open_salon() as salon:
            assert (await salon.book(duration=None))["length"] == 900_000

    asyncio.run(scenario())


def test_a_taken_time_is_refused_unless_nobody_looks() -> None:
    async def scenario() -> None:
        async with open_salon() as salon:
            start = await salon.first_start()
            await salon.book(start_date=start)
            answer = await salon.call("POST", "/appointment", await salon.wish(start_date=start))
            assert (salon.seen[-1], answer["statusDescriptions"]) == (400, "Time slot not available")
            salon.switch(enforce_availability=False)
            await salon.book(start_date=start)

    asyncio.run(scenario())


def test_a_booking_waits_for_a_click_where_nothing_is_confirmed_by_itself() -> None:
    async def scenario() -> None:
        async with open_salon(auto_confirm=False, enforce_availability=False) as salon:
            start = await salon.first_start()
            assert (await salon.book(start_date=start))["status"] == 0
            assert (await salon.book(start_date=start, status=2))["status"] == 2
            salon.switch(status_writable=False)
            assert (await salon.book(start_date=start, status=2))["status"] == 0

    asyncio.run(scenario())


def test_a_list_is_in_the_companys_zone_and_a_create_in_the_locations() -> None:
    async def scenario() -> None:
        async with open_salon() as salon:
            wall, made = await book_in_brooklyn(salon)
            assert (made["start_date"], made["timezone_id"]) == (wall, 553)
            (row,) = await salon.read("/appointment", client_email=EMAIL)
            hour = f"{int(wall[11:13]) + 5:02}"
            assert (row["start_date"], row["timezone_id"]) == (f"{THURSDAY} {hour}{wall[13:]}", "312")
            salon.switch(list_times_zone="location", listed_zone="absent")
            (row,) = await salon.read("/appointment", client_email=EMAIL)
            assert row["start_date"] == wall
            assert "timezone_id" not in row

    asyncio.run(scenario())


def test_a_list_is_narrowed_by_what_was_asked() -> None:
    async def scenario() -> None:
        async with open_salon() as salon:
            made = await salon.book()
            for query, found in (
                ({"start_date": THURSDAY, "end_date": THURSDAY}, 1),
                ({"start_date": "2030-01-11"}, 0),
                ({"end_date": "2030-01-09"}, 0),
                ({"client_id": str(made["client_id"])}, 1),
                ({"location_id": BROOKLYN}, 0),
                ({"updated_after": "2030-01-06", "end": "0"}, 1),
                ({"updated_after": "2030-01-08"}, 0),
            ):
                assert len(await salon.read("/appointment", client_email=EMAIL, **query)) == found, query
            salon.switch(end_date_inclusive=False)
            assert await salon.read("/appointment", client_email=EMAIL, end_date=THURSDAY) == []

    asyncio.run(scenario())


def test_breaks_are_busy_blocks_in_the_list() -> None:
    async def scenario() -> None:
        async with open_salon() as salon:
            rows = await salon.read("/appointment", start_date=THURSDAY, end_date=THURSDAY)
            busy = [row for row in rows if row["status"] == 4]
            assert busy
            assert all((row["client_email"], row["service_id"]) == ("", None) for row in busy)

    asyncio.run(scenario())


def test_a_change_moves_in_place_and_status_3_cancels() -> None:
    async def scenario() -> None:
        async with open_salon() as salon:
            made = await salon.book()
            path, later = (
                f"/appointment/{made['id']}",
                f"{THURSDAY} {(await salon.times(provider_id='7'))['times'][THURSDAY][-1]}",
            )
            moved = (await salon.call("PUT", path, await salon.wish(start_date=later)))["data"]
            assert (moved["id"], moved["start_date"]) == (made["id"], later[:16])
            assert (await salon.call("PUT", path, {"ews_id": "x"}))["statusCode"] == 0  # a part is enough
            cancelled = (await salon.call("PUT", path, await salon.wish(start_date=later, status=3)))["data"]
            assert cancelled["status"] == 3
            assert (await salon.read(path))["status"] == 3
            assert f"{later[11:]}" in (await salon.times(provider_id="7"))["times"][THURSDAY]

    asyncio.run(scenario())


def test_a_change_to_a_taken_time_is_refused_and_changes_nothing() -> None:
    async def scenario() -> None:
        async with open_salon() as salon:
            first = await salon.book()
            second = await salon.book()
            wish = await salon.wish(start_date=f"{first['start_date']}:00")
            answer = await salon.call("PUT", f"/appointment/{second['id']}", wish)
            assert (salon.seen[-1], answer["statusCode"]) == (400, 1)
            assert (await salon.read(f"/appointment/{second['id']}"))["start_date"] == second["start_date"]

    asyncio.run(scenario())


def test_an_erased_appointment_is_gone_and_a_strangers_never_there() -> None:
    async def scenario() -> None:
        async with open_salon() as salon:
            made = await salon.book()
            await salon.call("DELETE", f"/appointment/{made['id']}")
            assert (await salon.call("GET", f"/appointment/{made['id']}"))["statusCode"] == 1
            assert await salon.read("/appointment", client_email=EMAIL) == []
            other = next(number for number, one in salon.emulator.book.visits.items() if one.business.slug == "riverside")
            assert (await salon.call("GET", f"/appointment/{19_500_000_000 + other}"))["statusCode"] == 1

    asyncio.run(scenario())


def test_a_new_appointment_may_show_late() -> None:
    async def scenario() -> None:
        async with open_salon(list_delay_s=3600) as salon:
            made = await salon.book()
            assert await salon.read("/appointment", client_email=EMAIL) == []
            assert (await salon.read(f"/appointment/{made['id']}"))["id"] == made["id"]

    asyncio.run(scenario())


def test_a_link_for_the_customer_is_a_bare_text() -> None:
    async def scenario() -> None:
        async with open_salon() as salon:
            made = await salon.book()
            found = await salon.read("/appointment/hash", appointment_id=str(made["id"]), hash_type="cancel")
            assert isinstance(found, str)

    asyncio.run(scenario())


def test_clients_are_found_by_their_address() -> None:
    async def scenario() -> None:
        async with open_salon() as salon:
            made = await salon.book()
            (row,) = await salon.read("/client", email=EMAIL)
            assert (row["id"], row["name"]) == (str(made["client_id"]), "Noor H")

    asyncio.run(scenario())
