import asyncio
from datetime import UTC, date, datetime, timedelta

from bot.redisclient import connect
from bot.vendors.setster.memory import LOOK_FRESH, Look, Memory, Rules
from bot.vendors.setster.payloads import ServiceRow

DAY = date(2030, 1, 10)
START = datetime(2030, 1, 10, 9, tzinfo=UTC)
LOOK = Look("501", DAY, "88", "7")


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2030, 1, 7, 7, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


def test_a_time_is_believed_while_it_is_fresh_and_nothing_was_written(redis_url: str) -> None:
    async def scenario() -> None:
        redis, clock = connect(redis_url), Clock()
        memory = Memory(redis, prefix="m", now=clock.now)
        assert not await memory.was_free(LOOK, START)
        await memory.keep_look(LOOK, at=clock.now(), starts=[START])
        assert await memory.was_free(LOOK, START)
        assert not await memory.was_free(LOOK, START + timedelta(minutes=15))
        assert not await memory.was_free(Look("501", DAY, "88"), START)
        clock.moment += LOOK_FRESH
        assert not await memory.was_free(LOOK, START)
        await memory.keep_look(LOOK, at=clock.now(), starts=[START])
        await memory.keep_change("501", DAY)
        assert not await memory.was_free(LOOK, START)
        before = clock.now() - timedelta(seconds=1)
        await memory.keep_look(LOOK, at=before, starts=[START])  # asked before the write, answered after it
        assert not await memory.was_free(LOOK, START)
        await redis.aclose()

    asyncio.run(scenario())


def test_rules_count_where_the_service_has_its_own(redis_url: str) -> None:
    async def scenario() -> None:
        redis = connect(redis_url)
        memory = Memory(redis, prefix="m", now=Clock().now)
        row = ServiceRow(id="88", duration=45, prior_notice=3, reschedule_appointment=24, cancel_appointment=0)
        await memory.keep_rules([row])
        assert await memory.find_rules("88") == Rules(45)
        await memory.keep_rules([row.model_copy(update={"active_rules": True, "location_links": {"501": ("7",)}})])
        assert await memory.find_rules("88") == Rules(45, 3, 24, 0, {"501": ("7",)})
        await redis.hset("m:services", "88", "of another version")
        assert await memory.find_rules("88") is None
        await redis.aclose()

    asyncio.run(scenario())
