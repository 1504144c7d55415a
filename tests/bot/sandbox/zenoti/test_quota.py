"""The token bucket of §3 and its headers."""

from datetime import timedelta

import pytest

from tests.bot.sandbox.zenoti.salon import Salon, play

LIMITS = {"Organization-RateLimit-Limit", "Api-RateLimit-Limit", "RateLimit-Limit"}


def test_off_means_no_headers() -> None:
    async def scenario(salon: Salon) -> None:
        headers = (await salon.call("GET", "/v1/centers")).headers
        assert not any("ratelimit" in name.lower() for name in headers)

    play(scenario)


@pytest.mark.parametrize(
    ("level", "names"),
    [("organization", {"Organization-RateLimit-Limit"}), ("api", {"Api-RateLimit-Limit"}), ("both", LIMITS)],
)
def test_each_level_sends_its_own_limit_header(level: str, names: set[str]) -> None:
    async def scenario(salon: Salon) -> None:
        await salon.turn(calls_per_minute=60, rate_limit_level=level)
        headers = (await salon.call("GET", "/v1/centers")).headers
        assert {name for name in headers if name in LIMITS} == names
        assert {headers[name] for name in names} == {"60;w=60;b=60"}
        assert headers["RateLimit-Remaining"] == "59"
        assert 1 <= int(headers["RateLimit-Reset"]) <= 60

    play(scenario)


def test_the_bucket_runs_dry_and_fills_in_one_step() -> None:
    async def scenario(salon: Salon) -> None:
        await salon.turn(calls_per_minute=2)
        assert [(await salon.call("GET", "/v1/centers")).status for _ in range(2)] == [200, 200]
        refused = await salon.call("GET", "/v1/centers")
        assert refused.status == 429
        assert refused.headers["Retry-After"] == refused.headers["RateLimit-Reset"]
        salon.clock.advance(timedelta(seconds=int(refused.headers["Retry-After"])))
        assert (await salon.call("GET", "/v1/centers")).headers["RateLimit-Remaining"] == "1"

    play(scenario)


def test_a_refused_call_has_no_effect() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        booking = await salon.draft(guest)
        await salon.turn(calls_per_minute=1)
        await salon.call("GET", "/v1/centers")
        await salon.reserve(booking)
        assert salon.changes == []

    play(scenario)


def test_two_keys_share_the_organisations_bucket_unless_switched() -> None:
    async def scenario(salon: Salon) -> None:
        await salon.turn(calls_per_minute=1)
        assert (await salon.call("GET", "/v1/centers")).status == 200
        assert (await salon.call("GET", "/v1/centers", key="demo-second")).status == 429
        assert (await salon.call("GET", "/v1/centers", key="demo-clinic")).status == 200
        await salon.turn(quota_scope="key")
        assert (await salon.call("GET", "/v1/centers", key="demo-second")).status == 200

    play(scenario)
