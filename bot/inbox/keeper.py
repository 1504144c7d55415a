"""Keeps a lease while a turn waits for something slow."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from bot.errors import Fenced, TryAgain
from bot.inbox.mailbox import Held, Mailbox


@contextmanager
def keep_lease(mailbox: Mailbox, held: Held) -> Iterator[None]:
    """Keep the lease while the booking system takes its time. `Fenced` if that fails: nothing more may be done."""
    keeper = _Keeper(mailbox, held)
    try:
        yield
    except asyncio.CancelledError:
        if keeper.is_lost:
            keeper.worker.uncancel()
            raise Fenced(source="lease", reason="lost while waiting") from None
        raise
    finally:
        keeper.stop()


class _Keeper:
    """Renews a lease while the current task waits, and stops that task when the lease is lost."""

    def __init__(self, mailbox: Mailbox, held: Held) -> None:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a lease is kept for a task")
        self._mailbox = mailbox
        self._held = held
        self.worker = task
        self._task: asyncio.Task[None] | None = None
        self.is_lost = False
        loop = asyncio.get_running_loop()
        # Most turns are over long before: a timer costs a microsecond, a task fifty times that.
        self._timer = loop.call_later(mailbox.lease.total_seconds() / 3, self._start)

    def stop(self) -> None:
        self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def _start(self) -> None:
        self._task = asyncio.create_task(self._renew(), name="lease-keeper")

    async def _renew(self) -> None:
        while True:
            try:
                await self._mailbox.renew(self._held)
            except (Fenced, TryAgain):
                self.is_lost = True
                self.worker.cancel()
                return
            await asyncio.sleep(self._mailbox.lease.total_seconds() / 3)
