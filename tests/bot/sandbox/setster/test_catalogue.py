import asyncio
from typing import Any

import pytest

from tests.bot.sandbox.setster.salon import ANNA, LISBON, SWEDISH, THURSDAY, open_salon


def test_lists_show_ids_as_texts_and_the_documented_fields() -> None:
    async def scenario() -> None:
        async with open_salon() as salon:
            lisbon = (await salon.read("/location"))[0]
            assert (lisbon["id"], lisbon["name"], lisbon["country"], lisbon["timezone_id"]) == ("501", "Harbour", "PT", 312)
            anna = (await salon.read("/employee", include_links="true"))[0]
            assert (anna["id"], anna["first_name"]) == ("7", "Anna")
            salon.switch(ids_as_strings=False)
            assert (await salon.read("/location"))[0]["id"] == 501

    asyncio.run(scenario())


def test_services_are_in_whole_quarters_of_an_hour_and_linked() -> None:
    async def scenario() -> None:
        async with open_salon() as salon:
            rows = await salon.read("/service", location_id=LISBON, active_services="true", include_links="true")
            assert all(row["duration"] % 15 == 0 for row in rows)
            assert all(isinstance(row["price"], int) for row in rows)
            swedish = next(row for row in rows if row["name"] == "Swedish massage")
            assert swedish["id"] == SWEDISH
            assert swedish["location_links"] == [{"location_id": "501", "employee_ids": ["7", "11"]}]
            assert {row["name"] for row in rows if row["is_subservice"]} >= {"Hot stones"}
            assert [row["id"] for row in await salon.read("/service", id=SWEDISH)] == [SWEDISH]

    asyncio.run(scenario())


def test_time_zones_have_the_number_the_vendor_names() -> None:
    async def scenario() -> None:
        async with open_salon() as salon:
            assert {"id": "553", "name": "America/New_York", "offset": 0} in await salon.read("/tz/list")
            assert (await salon.read("/account"))["timezone_id"] == 312

    asyncio.run(scenario())


def test_a_day_is_a_map_from_date_to_starts() -> None:
    async def scenario() -> None:
        async with open_salon() as salon:
            found = await salon.times()
            assert (found["interval"], found["boxInterval"], found["day"], found["month"], found["year"]) == (60, 15, 10, 1, 2030)
            assert list(found["times"]) == [THURSDAY]
            assert all(len(start) == len("09:00:00") for start in found["times"][THURSDAY])
            one = (await salon.times(provider_id=ANNA))["times"][THURSDAY]
            assert set(one) < set(found["times"][THURSDAY])

    asyncio.run(scenario())


@pytest.mark.parametrize(("switches", "first", "days"), [({}, "2030-01-07", 35), ({"week_starts": "sunday"}, "2030-01-06", 35)])
def test_weeks_are_whole_and_five_at_most(switches: dict[str, Any], first: str, days: int) -> None:
    async def scenario() -> None:
        async with open_salon(**switches) as salon:
            times = (await salon.times(t="weekly", no_of_weeks="9"))["times"]
            assert (next(iter(times)), len(times)) == (first, days)
            assert len((await salon.times(t="weekly"))["times"]) == 7

    asyncio.run(scenario())


def test_the_other_shapes_of_times() -> None:
    async def scenario() -> None:
        async with open_salon(times_shape="list") as salon:
            assert isinstance((await salon.times())["times"], list)
            salon.switch(times_shape="map", omits_full_days=True)
            assert (await salon.times("2030-01-13"))["times"] == []  # a Sunday
            salon.switch(empty_as_list=False)
            assert (await salon.times("2030-01-13"))["times"] == {}
            assert "boxes" in await salon.times(**{"return": "boxes"})

    asyncio.run(scenario())


def test_add_ons_make_it_longer() -> None:
    async def scenario() -> None:
        async with open_salon() as salon:
            rows = await salon.read("/service", location_id=LISBON)
            stones = next(row["id"] for row in rows if row["name"] == "Hot stones")
            assert (await salon.times(subservices=stones))["interval"] == 75

    asyncio.run(scenario())


@pytest.mark.parametrize("lacking", ["service_id", "start_date", "t", "return", "company_id"])
def test_a_look_without_a_required_parameter_is_refused(lacking: str) -> None:
    async def scenario() -> None:
        async with open_salon() as salon:
            asked = {"service_id": SWEDISH, "start_date": THURSDAY, "t": "daily", "return": "times", lacking: ""}
            answer = await salon.call("GET", "/availability", **asked)
            assert (salon.seen[-1], answer["statusCode"]) == (400, 1)

    asyncio.run(scenario())


def test_times_are_shown_without_a_session_and_then_within_the_notice() -> None:
    async def scenario() -> None:
        async with open_salon(prior_notice=24 * 7) as salon:
            assert (await salon.times())["times"][THURSDAY]
            asked = {"company_id": "3001", "service_id": SWEDISH, "start_date": THURSDAY, "t": "daily", "return": "times"}
            answer = await salon.send("GET", "/availability", params=asked)
            assert answer["data"]["times"] == {THURSDAY: []}

    asyncio.run(scenario())
