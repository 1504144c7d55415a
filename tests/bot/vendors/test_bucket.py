import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from bot.errors import TryAgain
from bot.redisclient import connect
from bot.vendors.bucket import Priority, RateHint, TokenBucket, read_rate

NOW = timedelta()
KEY = "secret-key"


def run(redis_url: str, scenario: Callable[[Redis], Awaitable[None]]) -> None:
    async def connected() -> None:
        redis = connect(redis_url)
        try:
            await scenario(redis)
        finally:
            await redis.aclose()

    asyncio.run(connected())


async def drain(bucket: TokenBucket, priority: Priority, key: str = KEY) -> int:
    """How many calls of this priority are let through at once."""
    count = 0
    while True:
        try:
            await bucket.take(key, priority, patience=NOW)
        except TryAgain:
            return count
        count += 1


def test_an_unknown_limit_is_the_documented_one_shared_by_all(redis_url: str) -> None:
    async def scenario(redis: Redis) -> None:
        buckets = [TokenBucket(redis, per_minute=60), TokenBucket(redis, per_minute=60)]
        counts = await asyncio.gather(*(drain(bucket, Priority.CONFIRM) for bucket in buckets))
        assert sum(counts) == 60
        assert await drain(buckets[0], Priority.CONFIRM, "another key") == 60

    run(redis_url, scenario)


def test_browsing_leaves_tokens_for_what_is_more_urgent(redis_url: str) -> None:
    async def scenario(redis: Redis) -> None:
        bucket = TokenBucket(redis, per_minute=60)
        order = (Priority.CATALOG, Priority.SLOTS, Priority.HOLD, Priority.CONFIRM)
        assert [await drain(bucket, priority) for priority in order] == [42, 9, 6, 3]

    run(redis_url, scenario)


def test_the_vendors_headers_set_limit_and_rest(redis_url: str) -> None:
    async def scenario(redis: Redis) -> None:
        bucket = TokenBucket(redis, per_minute=60)
        await bucket.take(KEY, Priority.CONFIRM, patience=NOW)
        headers = {"Organization-RateLimit-Limit": "120;w=60;b=120", "RateLimit-Remaining": "100", "RateLimit-Reset": "30"}
        await bucket.learn(KEY, read_rate(headers), is_refused=False)
        assert await drain(bucket, Priority.CONFIRM) == 100
        await bucket.learn(KEY, RateHint(remaining=90), is_refused=False)
        assert await drain(bucket, Priority.CONFIRM) == 0  # of an older answer: never more than is left

    run(redis_url, scenario)


def test_a_new_window_is_noticed_before_our_own_runs_out(redis_url: str) -> None:
    async def scenario(redis: Redis) -> None:
        bucket = TokenBucket(redis, per_minute=60)
        await drain(bucket, Priority.CONFIRM)
        told = RateHint(limit=60, window=timedelta(seconds=60), remaining=10, reset=timedelta(seconds=20))
        await bucket.learn(KEY, told, is_refused=False)
        assert await drain(bucket, Priority.CONFIRM) == 0
        told = RateHint(limit=60, window=timedelta(seconds=60), remaining=59, reset=timedelta(seconds=59))
        await bucket.learn(KEY, told, is_refused=False)
        assert await drain(bucket, Priority.CONFIRM) == 59

    run(redis_url, scenario)


def test_the_bucket_refills_when_the_window_is_over(redis_url: str) -> None:
    async def scenario(redis: Redis) -> None:
        bucket = TokenBucket(redis, per_minute=60)
        await bucket.learn(KEY, RateHint(limit=3, remaining=0, reset=timedelta(milliseconds=50)), is_refused=False)
        await bucket.take(KEY, Priority.CONFIRM, patience=timedelta(seconds=5))
        assert await drain(bucket, Priority.CONFIRM) == 2

    run(redis_url, scenario)


def test_a_429_stops_everybody_for_as_long_as_it_says(redis_url: str) -> None:
    async def scenario(redis: Redis) -> None:
        bucket, other = TokenBucket(redis, per_minute=60), TokenBucket(redis, per_minute=60)
        wait = await bucket.learn(KEY, read_rate({"Retry-After": "40", "RateLimit-Remaining": "0"}), is_refused=True)
        assert timedelta(seconds=39) < wait <= timedelta(seconds=40)
        with pytest.raises(TryAgain) as caught:
            await other.take(KEY, Priority.CONFIRM, patience=timedelta(seconds=1))
        assert timedelta(seconds=30) < caught.value.after <= timedelta(seconds=40)

    run(redis_url, scenario)


def test_a_429_without_a_word_makes_us_wait_longer_each_time(redis_url: str) -> None:
    async def scenario(redis: Redis) -> None:
        bucket = TokenBucket(redis, per_minute=60)
        waits = [await bucket.learn(KEY, RateHint(), is_refused=True) for _ in range(5)]
        assert timedelta(seconds=0.4) < waits[0] <= timedelta(seconds=1)
        assert timedelta(seconds=7) < waits[4] <= timedelta(seconds=16)

    run(redis_url, scenario)


def test_without_redis_calls_are_let_through(redis_url: str) -> None:
    async def scenario(_: Redis) -> None:
        nowhere = connect("unix:///nowhere/redis.sock")
        bucket = TokenBucket(nowhere, per_minute=1)
        for _try in range(3):
            await bucket.take(KEY, Priority.CATALOG, patience=NOW)
        assert await bucket.learn(KEY, RateHint(retry_after=timedelta(seconds=9)), is_refused=True) == timedelta(seconds=9)
        await nowhere.aclose()

    run(redis_url, scenario)


def test_the_script_survives_a_redis_that_forgot_it_and_keys_do_not_show(redis_url: str) -> None:
    async def scenario(redis: Redis) -> None:
        bucket = TokenBucket(redis, per_minute=60)
        await bucket.take(KEY, Priority.CONFIRM, patience=NOW)
        await redis.script_flush()
        await bucket.take(KEY, Priority.CONFIRM, patience=NOW)
        names = await redis.keys("*")
        assert len(names) == 1
        assert KEY.encode() not in names[0]
        assert 0 < await redis.pttl(names[0]) <= 180_000

    run(redis_url, scenario)


@pytest.mark.parametrize(
    ("text", "limit", "window"),
    [
        ("60;w=60;b=60", 60, 60),
        (" 60 ; b=40 ; w = 30 ", 40, 30),
        ("w=60;60", 60, 60),
        ("b=50", 50, None),
        ("60", 60, None),
        ("60, 100;w=3600", 60, 3600),
        ("0;w=0", None, None),
        ("many", None, None),
        ("", None, None),
    ],
)
def test_the_limit_header_is_read_leniently(text: str, limit: int | None, window: int | None) -> None:
    hint = read_rate({"RateLimit-Limit": text})
    assert (hint.limit, hint.window) == (limit, None if window is None else timedelta(seconds=window))


def test_the_header_that_runs_out_first_wins() -> None:
    headers = {"organization-ratelimit-limit": "60;w=60", "API-RateLimit-Limit": "20;w=60"}
    assert read_rate(headers).limit == 60
    assert read_rate(headers | {"RateLimit-Limit": "20;w=60"}).limit == 20
    assert read_rate({"API-RateLimit-Limit": "20;w=60"}).limit == 20


@pytest.mark.parametrize(
    ("text", "seconds"), [("5", 5), (" 5.5 ", 5), ("9999999", 300), ("Wed, 21 Oct 2026", None), ("-1", None)]
)
def test_retry_after_is_bounded(text: str, seconds: int | None) -> None:
    assert read_rate({"Retry-After": text}).retry_after == (None if seconds is None else timedelta(seconds=seconds))


def test_what_the_bucket_knows_already_costs_no_trip(redis_url: str) -> None:
    async def scenario(redis: Redis) -> None:
        client = connect(redis_url)
        bucket, other = TokenBucket(client, per_minute=60), TokenBucket(redis, per_minute=60)
        await bucket.take(KEY, Priority.CONFIRM, patience=NOW)
        before = client.trips
        told = RateHint(limit=60, window=timedelta(seconds=60), remaining=59, reset=timedelta(seconds=60))
        await bucket.learn(KEY, told, is_refused=False)
        assert client.trips == before
        fewer = RateHint(limit=60, window=timedelta(seconds=60), remaining=7, reset=timedelta(seconds=60))
        await bucket.learn(KEY, fewer, is_refused=False)  # somebody else calls with this key
        assert await drain(other, Priority.CONFIRM) == 7
        await client.aclose()

    run(redis_url, scenario)


@pytest.mark.parametrize(
    ("headers", "reset", "retry_after"),
    [
        ({"X-RateLimit-Reset": "1893456030"}, 30, None),
        ({"X-RateLimit-Reset": "30", "Retry-After": "20"}, 30, 20),
        ({"X-RateLimit-Reset": "1893455000"}, 0, None),
        ({"X-RateLimit-Reset": "1999999999"}, 300, None),
        ({"Retry-After": "Tue, 01 Jan 2030 00:00:20 GMT"}, None, 20),
        ({"Retry-After": "next Tuesday", "X-RateLimit-Reset": "soon"}, None, None),
    ],
)
def test_a_moment_is_counted_from_the_answers_own_date(
    headers: dict[str, str], reset: int | None, retry_after: int | None
) -> None:
    hint = read_rate(
        headers | {"Date": "Tue, 01 Jan 2030 00:00:00 GMT", "X-RateLimit-Limit": "120", "X-RateLimit-Remaining": "7"}
    )
    assert (hint.limit, hint.remaining) == (120, 7)
    assert hint.reset == (None if reset is None else timedelta(seconds=reset))
    assert hint.retry_after == (None if retry_after is None else timedelta(seconds=retry_after))
