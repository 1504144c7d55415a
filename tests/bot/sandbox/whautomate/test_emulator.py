import asyncio
from email.utils import parsedate_to_datetime

import pytest

from bot.sandbox.faults import Fault
from bot.sandbox.salon import KEY_RIVERSIDE
from tests.bot.sandbox.whautomate.desk import BROOKLYN, Json, open_desk, place_id, service_id


@pytest.mark.parametrize("key", ["", "wrong", "demo-second"])
def test_a_wrong_key_is_forbidden(key: str) -> None:
    async def scenario() -> None:
        async with open_desk() as desk:
            assert await desk.call("GET", "/locations", key=key) == (403, {"message": "Forbidden"})

    asyncio.run(scenario())


def test_an_account_sees_its_own_business_alone() -> None:
    async def scenario() -> None:
        async with open_desk() as desk:
            assert [one["title"] for one in await desk.get("/locations")] == ["Harbour", "Brooklyn", "Bandra"]
            _, theirs = await desk.call("GET", "/locations", key=KEY_RIVERSIDE)
            assert [one["title"] for one in theirs] == ["Riverside Physio"]
            stranger = theirs[0]["id"]
            for path in ("/services", "/staffs", "/appointments", "/serviceCategories"):
                assert await desk.call("GET", path, locationId=stranger) == (404, {"error": "Invalid locationId"})
            assert await desk.call("GET", f"/locations/{stranger}") == (404, {"error": "Invalid locationId"})

    asyncio.run(scenario())


@pytest.mark.parametrize(("plan", "limit"), [("trial", 60), ("subscribed", 300)])
def test_the_plans_limit_holds_for_a_minute(plan: str, limit: int) -> None:
    async def scenario() -> None:
        async with open_desk(plan=plan, calls_per_minute=None) as desk:
            for _ in range(limit):
                await desk.get("/account-info")
            status, _ = await desk.call("GET", "/account-info")
            assert status == 429
            status, _ = await desk.call("GET", "/account-info", key=KEY_RIVERSIDE)
            assert status == 200
            await desk.control("GET", "/calls")  # not counted
            desk.emulator.switches.change({"calls_per_minute": 0})
            assert await desk.get("/account-info") == {"name": "Harbour Studio", "plan": plan}

    asyncio.run(scenario())


@pytest.mark.parametrize("form", ["none", "seconds", "date", "x-ratelimit"])
def test_a_429_says_how_long_in_the_form_asked_for(form: str) -> None:
    async def scenario() -> None:
        async with open_desk(calls_per_minute=1, rate_headers=form) as desk:
            await desk.get("/locations")
            address, key = f"{desk.address}/whautomate/v1/locations", {"x-api-key": "demo"}
            async with desk.session.get(address, headers=key) as response:
                assert response.status == 429
                told = response.headers.get("Retry-After", "")
                if form == "date":
                    wait = parsedate_to_datetime(told) - parsedate_to_datetime(response.headers["Date"])
                    assert 0 < wait.total_seconds() <= 61
                assert told.isdecimal() == (form == "seconds")
                assert ("X-RateLimit-Reset" in response.headers) == (form == "x-ratelimit")

    asyncio.run(scenario())


def test_a_page_has_no_total_and_ends_by_being_short() -> None:
    async def scenario() -> None:
        async with open_desk(default_page_size=7, largest_page_size=10) as desk:

            async def page(**query: str) -> int:
                return len(await desk.get("/services", locationId=place_id(), **query))

            assert [await page(), await page(limit="100"), await page(limit="10", page="2"), await page(page="9")] == [
                7,
                10,
                9,
                0,
            ]
            for wrong in ("0", "-1", "x"):
                assert await desk.call("GET", "/services", page=wrong) == (400, {"error": "Invalid parameters"})

    asyncio.run(scenario())


def test_services_belong_to_one_location_and_say_who_may_book_them() -> None:
    async def scenario() -> None:
        async with open_desk(default_page_size=100) as desk:
            here = {row["name"]: row for row in await desk.get("/services", locationId=place_id())}
            there = {row["name"]: row for row in await desk.get("/services", locationId=place_id(BROOKLYN))}
            assert here["Swedish massage"]["id"] != there["Swedish massage"]["id"]
            assert (here["Swedish massage"]["sellingPrice"], there["Swedish massage"]["sellingPrice"]) == (55, 125)
            assert here["Massage for two"]["serviceType"] == "CLASS"
            assert not here["Hot stones"]["allowOnlineBooking"]
            assert not here["Hair colour"]["active"]
            assert [one["name"] for one in here["Swedish massage"]["addOnServices"]] == ["Hot stones"]
            assert await desk.get(f"/services/{service_id()}") == here["Swedish massage"]
            found = await desk.get("/services", locationId=place_id(), searchText="mani", serviceType="APPOINTMENT")
            assert [row["name"] for row in found] == ["Manicure"]

    asyncio.run(scenario())


@pytest.mark.parametrize("path", ["/locations/x", "/staffs/x", "/services/x", "/clients/x", "/appointments/x"])
def test_an_unknown_id_is_404_with_words_under_error(path: str) -> None:
    async def scenario() -> None:
        async with open_desk() as desk:
            status, answer = await desk.call("GET", path)
            assert (status, list(answer)) == (404, ["error"])

    asyncio.run(scenario())


def test_clients_are_made_found_and_read() -> None:
    async def scenario() -> None:
        async with open_desk() as desk:
            wish = {"fullName": "Noor H", "primaryLocation": {"id": place_id()}, "countryCode": "+351", "phone": "910000000"}
            made = await desk.post("/clients", wish)
            assert await desk.get("/clients", searchText="910000000") == [made]
            assert await desk.get(f"/clients/{made['id']}") == made
            assert (made["countryCode"], made["phone"], made["fullName"]) == ("+351", "910000000", "Noor H")
            desk.emulator.switches.change({"phone_form": "repeated"})
            assert (await desk.get(f"/clients/{made['id']}"))["phone"] == "351910000000"
            wrongs: list[Json] = [{"fullName": ""}, {"primaryLocation": {}}, {"countryCode": "351"}, {"phone": "+351910000000"}]
            for wrong in wrongs:
                assert await desk.call("POST", "/clients", wish | wrong) == (400, {"message": "Invalid request body"})

    asyncio.run(scenario())


@pytest.mark.parametrize(("kind", "status"), [("refuse", 500), ("html", 502), ("rate_limit", 429), ("fail_after", 504)])
def test_misbehaviour_on_command_strikes_one_call_of_one_account(kind: str, status: int) -> None:
    async def scenario() -> None:
        async with open_desk() as desk:
            desk.emulator.faults.add(Fault("locations", kind, account="demo"))  # type: ignore[arg-type]
            assert (await desk.call("GET", "/locations", key=KEY_RIVERSIDE))[0] == 200
            async with desk.session.get(f"{desk.address}/whautomate/v1/locations", headers={"x-api-key": "demo"}) as response:
                assert response.status == status
            await desk.get("/locations")
            assert (await desk.control("GET", "/calls"))["by_operation"] == {"locations": 3}

    asyncio.run(scenario())


def test_a_reset_starts_over() -> None:
    async def scenario() -> None:
        async with open_desk() as desk:
            before = await desk.list_times()
            await desk.post("/appointments", desk.wish(before[0]))
            desk.emulator.switches.change({"time_format": "24h"})
            await desk.control("POST", "/reset")
            desk.emulator.switches.change({"calls_per_minute": 0})
            assert await desk.list_times() == before
            assert (await desk.control("GET", "/calls"))["by_operation"] == {"slots": 1}

    asyncio.run(scenario())
