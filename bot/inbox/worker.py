"""Finds conversations that have something waiting, and keeps many turns going at once."""

import asyncio
import logging
from collections import deque
from datetime import timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.errors import TryAgain
from bot.inbox.keys import PARTITION_KEYS, Partition
from bot.inbox.mailbox import Mailbox
from bot.inbox.turn import Turns

SWEEP = timedelta(milliseconds=500)
"""Between two sweeps of all partitions: how long a dead worker's customer waits beyond the lease, at most."""
HINT_WAIT = timedelta(seconds=2)

log = logging.getLogger("frontdesk.worker")


class Worker:
    """Runs turns. Any number of workers may share one Redis."""

    def __init__(self, mailbox: Mailbox, *, most: int = 1000) -> None:
        """`most`: turns at once, those that wait for their chat's pace included; more than that wait in order."""
        self._mailbox = mailbox
        self._turns: Turns | None = None
        self._most = most
        self._running: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._queue: deque[str] = deque()
        self._queued: set[str] = set()
        self._is_open = True

    def take_on(self, turns: Turns) -> None:
        self._turns = turns

    def nudge(self, conversation_id: str) -> None:
        """This conversation has got something. Cheap, and safe to call too often."""
        if not self._is_open or self._turns is None:
            return
        if conversation_id in self._running:
            self._again.add(conversation_id)
        elif len(self._running) < self._most:
            self._start(conversation_id, self._turns)
        elif conversation_id not in self._queued:
            self._queue.append(conversation_id)
            self._queued.add(conversation_id)

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
        for task in list(self._running.values()):
            task.cancel()
        if self._turns is not None:
            await self._turns.close()

    def _start(self, conversation_id: str, turns: Turns) -> None:
        task = asyncio.create_task(turns.run(conversation_id), name="turn")
        self._running[conversation_id] = task
        task.add_done_callback(lambda _: self._finish(conversation_id))

    def _finish(self, conversation_id: str) -> None:
        del self._running[conversation_id]
        if conversation_id in self._again:
            self._again.discard(conversation_id)
            self.nudge(conversation_id)
        if self._queue and len(self._running) < self._most:
            following = self._queue.popleft()
            self._queued.discard(following)
            self.nudge(following)

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
