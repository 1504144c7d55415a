"""Whether Redis may have come back without its last writes, as it does after a power cut or a failover."""

import logging
from datetime import timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.errors import TryAgain
from bot.inbox.keys import RUN

DOUBT = timedelta(minutes=10)
"""After Redis was noticed to be another process than before, a booking is looked up before it is made, for so long."""
log = logging.getLogger("frontdesk.redis")


class Restarts:
    """Notices another Redis process behind the same address.

    What is known of it is kept in Redis itself: all processes agree, and one that lost its last writes has an older id in it.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._last = ""
        """Seen by this process: it also notices a Redis that lost everything."""

    async def find_recent(self) -> timedelta | None:
        """How long ago Redis was noticed to have come back, if that is shorter ago than `DOUBT`. Raises `TryAgain`."""
        try:
            return await self._find_recent()
        except (RedisError, OSError) as error:
            raise TryAgain(type(error).__name__, source="redis", verb="info", after=timedelta(seconds=2)) from None

    async def _find_recent(self) -> timedelta | None:
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.info("server")
        pipeline.time()
        pipeline.hmget(RUN, ["id", "since"])
        info, (seconds, microseconds), (known, since) = await pipeline.execute()
        run, now = str(info["run_id"]), seconds * 1000 + microseconds // 1000
        before = known.decode() if known else self._last
        self._last = run
        if before == run:
            age = timedelta(milliseconds=now - int(since or 0))
            return age if age < DOUBT else None
        await self._redis.hset(RUN, mapping={"id": run, "since": now if before else 0})
        if not before:
            return None
        log.warning("Redis is another process than before: for %s bookings are looked up before they are made", DOUBT)
        return timedelta(0)
