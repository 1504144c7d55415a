import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.sandbox.schedly.sign_in import CLIENT_ID, CLIENT_SECRET
from tests.bot.sandbox.schedly.desk import Desk
from tests.bot.sandbox.schedly.test_appointments import play

CLIENT = {"grant_type": "refresh_token", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


def test_without_a_key_nothing_is_said() -> None:
    async def scenario(desk: Desk) -> None:
        for key in ("", "wrong"):
            reply = await desk.call("GET", "services/services", key=key)
            assert (reply.status, reply.body["error"]) == (401, "UNAUTHORIZED")
        assert (await desk.call("GET", "services/services")).status == 200

    play(scenario)


def test_a_key_sees_its_own_business_alone() -> None:
    async def scenario(desk: Desk) -> None:
        assert len(await desk.read("locations")) == 3
        clinic = await desk.call("GET", "services/locations", key="demo-clinic")
        assert [place["id"] for place in clinic.body] == [4]
        assert (await desk.call("GET", "services/customers/detail?id=1", key="demo-clinic")).status == 404
        made = (await desk.book()).body
        assert (await desk.call("GET", f"services/appointments?id={made['id']}", key="demo-clinic")).status == 404
        assert (await desk.call("POST", "services/appointments", await desk.wish(), key="demo-clinic")).status == 404

    play(scenario)


def test_the_quota_is_counted_and_told_per_key() -> None:
    async def scenario(desk: Desk) -> None:
        desk.switch(calls_per_minute=2)
        replies = [await desk.call("GET", "services/categories") for _ in range(3)]
        assert [reply.status for reply in replies] == [200, 200, 429]
        assert [reply.headers["X-RateLimit-Remaining"] for reply in replies] == ["1", "0", "0"]
        assert replies[2].body["error"] == "RATE_LIMITED"
        assert 0 < int(replies[2].headers["Retry-After"]) <= 60
        assert len(replies[0].headers["X-RateLimit-Reset"]) == 10
        assert (await desk.call("GET", "services/categories", key="demo-clinic")).status == 200
        desk.clock.advance(timedelta(seconds=61))
        assert (await desk.call("GET", "services/categories")).status == 200

    play(scenario)


def test_a_refresh_token_is_good_once() -> None:
    async def scenario(desk: Desk) -> None:
        first = await desk.renew(**CLIENT, refresh_token="rt_live_demo")
        assert set(first.body) == {"access_token", "refresh_token", "token_type", "expires_in"}
        assert first.body["refresh_token"] != "rt_live_demo"
        again = await desk.renew(**CLIENT, refresh_token="rt_live_demo")
        assert (again.status, again.body) == (400, {"error": "invalid_grant"})
        bearer = {"Authorization": f"Bearer {first.body['access_token']}"}
        assert (await desk.call("GET", "auth/oauth/me", key="", **bearer)).body == {"username": "harbour"}
        desk.clock.advance(timedelta(seconds=1801))
        assert (await desk.call("GET", "services/locations", key="", **bearer)).status == 401
        assert (await desk.renew(**CLIENT, refresh_token=first.body["refresh_token"])).status == 200

    play(scenario)


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "wrong"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "invalid_request"),
        ({"refresh_token": ""}, 400, "invalid_request"),
        ({"refresh_token": "rt_live_unknown"}, 400, "invalid_grant"),
    ],
)
def test_a_wrong_renewal_is_refused(change: dict[str, str], status: int, code: str) -> None:
    async def scenario(desk: Desk) -> None:
        reply = await desk.renew(**{**CLIENT, "refresh_token": "rt_live_demo", **change})
        assert (reply.status, reply.body) == (status, {"error": code})

    play(scenario)


@pytest.mark.parametrize(
    ("switches", "path", "keys"),
    [
        ({"list_envelope": "data"}, "services", {"data"}),
        ({"list_envelope": "status"}, "services", {"status", "data"}),
        ({"list_envelope": "named"}, "services", {"services", "total"}),
        ({"envelope": "wrapped"}, "company-settings", {"status", "data"}),
        ({"profile": "nested"}, "customers/detail?id=1", {"customer", "appointments", "invoices", "reviews"}),
    ],
)
def test_answers_come_in_the_envelope_of_the_moment(switches: dict[str, Any], path: str, keys: set[str]) -> None:
    async def scenario(desk: Desk) -> None:
        desk.switch(**switches)
        assert set(await desk.read(path)) == keys

    play(scenario)


@pytest.mark.parametrize(
    "dates",
    [
        "startDate=2030-01-07&endDate=2030-01-07",
        "date=2030-01-07",
        "start=2030-01-07&end=2030-01-07",
        "startTime=2030-01-07T00:00:00Z&endTime=2030-01-07T23:00:00Z",
        "from=2030-01-07&to=2030-01-07",
    ],
)
def test_availability_takes_the_days_by_many_names(dates: str) -> None:
    async def scenario(desk: Desk) -> None:
        service = next(one for one in await desk.read("services") if one["name"] == "Swedish massage")
        assert list((await desk.read(f"availability?serviceId={service['id']}&{dates}"))["slots"]) == ["2030-01-07"]
        desk.switch(availability_aliases=False)
        reply = await desk.call("GET", f"services/availability?serviceId={service['id']}&{dates}")
        assert reply.status == (200 if dates.startswith("startDate") else 422)

    play(scenario)


def test_what_is_no_endpoint_says_so() -> None:
    async def scenario(desk: Desk) -> None:
        assert (await desk.call("GET", "services/unknown")).status == 404
        assert (await desk.call("POST", "services/locations", {})).status == 405
        counted = (await desk.control("GET", "/calls"))["by_operation"]
        assert counted == {"unknown": 2}

    play(scenario)


def test_a_reset_forgets_everything() -> None:
    async def scenario(desk: Desk) -> None:
        await desk.book()
        await desk.renew(**CLIENT, refresh_token="rt_live_demo")
        desk.switch(envelope="wrapped")
        await desk.control("POST", "/reset")
        assert [row for row in await desk.control("GET", "/appointments") if row["is_from_bot"]] == []
        assert isinstance(await desk.read("services"), list)
        assert (await desk.renew(**CLIENT, refresh_token="rt_live_demo")).status == 200

    play(scenario)


def test_customers_are_made_found_and_changed() -> None:
    async def scenario(desk: Desk) -> None:
        refused = await desk.call("POST", "services/customers", {"phone": "1"})
        assert (refused.status, refused.body["details"][0]["field"]) == (422, "name")
        made = await desk.call("POST", "services/customers", {"name": "Noor H", "phone": "+351 910-000-000", "notes": "tg:55501"})
        assert made.status == 201
        assert set(made.body) == {"id", "name", "email", "phone", "notes", "totalBookings", "totalSpent"}
        assert [row["id"] for row in await desk.read("customers?search=910000000")] == [made.body["id"]]
        desk.switch(phone_search="raw")
        assert await desk.read("customers?search=910000000") == []
        where = f"services/customers?id={made.body['id']}"
        changed = await desk.call("PUT", where, {"email": "noor@example.net"})
        assert (changed.body["email"], changed.body["name"], changed.body["notes"]) == ("noor@example.net", "Noor H", "tg:55501")

    play(scenario)


def test_two_calls_of_one_moment_do_not_wait_for_each_other() -> None:
    async def scenario(desk: Desk) -> None:
        await desk.control("POST", "/faults", {"operation": "locations", "kind": "slow_before", "seconds": 0.3})
        slow = asyncio.create_task(desk.call("GET", "services/locations"))
        assert (await desk.call("GET", "services/employees")).status == 200
        assert not slow.done()
        assert (await slow).status == 200

    play(scenario)
