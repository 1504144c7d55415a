"""Finds conversations that have something waiting, and keeps many turns going at once."""

import asyncio
import logging
from datetime import timedelta
from functools import partial

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.errors import TryAgain
from bot.inbox.keys import PARTITION_KEYS, Partition
from bot.inbox.mailbox import Mailbox
from bot.inbox.queue import Queue
from bot.inbox.turn import Turns

SWEEP = timedelta(milliseconds=500)
"""Between two sweeps of all partitions: how long a dead worker's customer waits beyond the lease, at most."""
HINT_WAIT = timedelta(seconds=2)
LETTING_GO = timedelta(seconds=2)
"""For turns that are stopped in the middle: they give their conversations back, so that nobody waits for the lease's end."""

log = logging.getLogger("frontdesk.worker")


class Worker:
    """Runs turns. Any number of workers may share one Redis."""

    def __init__(self, mailbox: Mailbox, *, most: int = 1000) -> None:
        """`most`: turns at once, those that wait for their chat's pace included; more than that wait in order."""
        self._mailbox = mailbox
        self._turns: Turns | None = None
        self._queue = Queue(most)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._is_open = True

    def take_on(self, turns: Turns) -> None:
        self._turns = turns

    def nudge(self, conversation_id: str) -> None:
        """This conversation has got something. Cheap, and safe to call too often."""
        if not self._is_open or self._turns is None:
            return
        if conversation_id in self._running:
            self._again.add(conversation_id)
        else:
            self._queue.put(conversation_id)
            self._start_next(self._turns)

    async def run(self, hints: Redis | None) -> None:
        """Sweep, and listen for other processes' hints where there are any, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._sweep_always(), name="sweeper")
            if hints is not None:
                group.create_task(self._listen(hints), name="listener")

    async def close(self, patience: timedelta) -> None:
        """Finish what is in hand; what does not finish in time comes due again by itself."""
        self._is_open = False
        if self._running:
            await asyncio.wait(self._running.values(), timeout=patience.total_seconds())
        if left := list(self._running.values()):
            log.warning("%d turns are left to other workers", len(left))
            for task in left:
                task.cancel()
            await asyncio.wait(left, timeout=LETTING_GO.total_seconds())
        if self._turns is not None:
            await self._turns.close()

    def _start_next(self, turns: Turns) -> None:
        while (conversation_id := self._queue.take()) is not None:
            task = asyncio.create_task(turns.run(conversation_id), name="turn")
            self._running[conversation_id] = task
            task.add_done_callback(partial(self._finish, conversation_id, turns))

    def _finish(self, conversation_id: str, turns: Turns, _: asyncio.Task[None]) -> None:
        del self._running[conversation_id]
        self._queue.finish(conversation_id)
        if conversation_id in self._again:
            self._again.discard(conversation_id)
            self.nudge(conversation_id)
        if self._is_open:
            self._start_next(turns)

    async def _sweep_always(self) -> None:
        while True:
            for partition in PARTITION_KEYS:
                try:
                    await self._sweep(partition)
                except TryAgain as error:
                    log.warning("sweep failed: %s", error)
                    break
            await asyncio.sleep(SWEEP.total_seconds())

    async def _sweep(self, partition: Partition) -> None:
        swept = await self._mailbox.sweep(partition)
        for timer, due_ms, to, event in swept.timers:
            await self._mailbox.fire(partition, timer, due_ms, to=to, event=event)
            self.nudge(to)
        for conversation_id in swept.conversations:
            self.nudge(conversation_id)

    async def _listen(self, hints: Redis) -> None:
        while True:
            try:
                conversation_id = await self._mailbox.wait_for_hint(hints, HINT_WAIT)
            except (RedisError, OSError) as error:
                log.warning("no hints: %s", type(error).__name__)
                await asyncio.sleep(SWEEP.total_seconds())
                continue
            if conversation_id is not None:
                self.nudge(conversation_id)
