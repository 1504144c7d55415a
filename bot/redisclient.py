"""The Redis client of everything that is done for customers: what is wanted in the same moment shares a round trip.

redis-py's cost is per round trip, in Python: a pool's checkout, a write, a read, their timeouts. Fifty conversations at
once pay it once instead of fifty times. One client costs 53 µs a script that way and 6 µs this way.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import hiredis
from redis.asyncio import Connection, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

MAX_CONNECTIONS = 512
"""One client's connections. redis-py's 100 raise an error when 200 customers write at once; a process may usually open
1024 files, and a Redis started under that limit serves 992 clients, so half of it leaves room for webhooks and vendor calls."""

SOCKET_TIMEOUT = timedelta(seconds=5)
"""Longest wait for an answer. A blocking command has to ask for less, or use a client with a longer one."""

CONNECT_TIMEOUT = timedelta(seconds=2)

HEALTH_CHECK_INTERVAL = timedelta(seconds=30)
"""A connection idle for longer is pinged before it is used again."""

LANES = 2
"""Round trips under way at once: one being answered while the next fills."""
MOST = 128
"""Commands in one round trip."""


def connect(url: str, *, max_connections: int = MAX_CONNECTIONS, timeout: timedelta = SOCKET_TIMEOUT) -> "SharingRedis":
    """A client for `redis://`, `rediss://` or `unix://`. Answers are bytes; nothing is sent twice behind our back.

    redis-py would repeat a command whose answer was lost up to ten times. Each of our scripts is safe to repeat, and the
    caller repeats it; a plain INCR or LPUSH is not. RESP2, because its answers are the same from Redis 6.2 to Valkey 9.
    """
    client: SharingRedis = SharingRedis.from_url(  # type: ignore[assignment]  # declared to make a plain Redis
        url,
        max_connections=max_connections,
        socket_timeout=timeout.total_seconds(),
        socket_connect_timeout=CONNECT_TIMEOUT.total_seconds(),
        health_check_interval=int(HEALTH_CHECK_INTERVAL.total_seconds()),
        retry=Retry(NoBackoff(), 0),
        protocol=2,
        decode_responses=False,
    )
    return client


class _Wanted(NamedTuple):
    name: str
    packed: bytes
    options: Mapping[str, Any]
    answer: asyncio.Future[Any]


class SharingRedis(Redis):
    """redis-py's client, its single commands sent in company. A command that blocks needs a client of its own."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.trips = 0
        """Round trips so far."""
        self._wanted: list[_Wanted] = []
        self._lanes = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Raises what Redis answered, or for all in its company what became of the connection."""
        wanted = _Wanted(args[0], _pack(args), options, asyncio.get_running_loop().create_future())
        self._wanted.append(wanted)
        if self._lanes < LANES:
            self._lanes += 1
            lane = asyncio.create_task(self._drain(), name="redis-lane")
            self._tasks.add(lane)
            lane.add_done_callback(self._tasks.discard)
        return await wanted.answer

    async def _drain(self) -> None:
        while self._wanted:
            company, self._wanted = self._wanted[:MOST], self._wanted[MOST:]
            self.trips += 1
            try:
                await self._send(company)
            except BaseException as error:  # whatever it is, everyone who waits must hear of it
                _tell(company, error)
                if not isinstance(error, Exception):
                    self._lanes -= 1
                    raise
        self._lanes -= 1  # in the same breath as finding nothing wanted: the next caller opens a new lane

    async def _send(self, company: list[_Wanted]) -> None:
        connection = await self.connection_pool.get_connection()  # type: ignore[no-untyped-call]
        try:
            await connection.send_packed_command(b"".join(wanted.packed for wanted in company))
            for wanted in company:
                await self._receive(connection, wanted)
        except BaseException:
            # Answers that were not read would be taken for those of the next command.
            await connection.disconnect(nowait=True)
            raise
        finally:
            await self.connection_pool.release(connection)

    async def _receive(self, connection: Connection, wanted: _Wanted) -> None:
        try:
            answer = await self.parse_response(connection, wanted.name, **wanted.options)
        except ResponseError as error:
            _tell([wanted], error)
        else:
            if not wanted.answer.done():
                wanted.answer.set_result(answer)


def _pack(command: tuple[Any, ...]) -> bytes:
    """A name of two words ("SCRIPT LOAD") goes out as two."""
    packed: bytes = hiredis.pack_command((*command[0].split(), *command[1:]))
    return packed


def _tell(company: list[_Wanted], error: BaseException) -> None:
    told = error if isinstance(error, Exception) else ConnectionError("client closed")
    for wanted in company:
        if not wanted.answer.done():
            wanted.answer.set_exception(told)
