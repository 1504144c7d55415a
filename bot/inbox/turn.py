"""The turn: claim a conversation, have it worked off, let it go."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta

from prometheus_client import CollectorRegistry, Counter

from bot.channels.base import Channel
from bot.conversation.contract import Event, Said, Tapped
from bot.conversation.engine import Engine
from bot.errors import Fenced, FrontdeskError, TryAgain
from bot.inbox.delivery import Delivery
from bot.inbox.mailbox import Held, Mailbox
from bot.inbox.restarts import Restarts
from bot.inbox.work import NEWER_PATIENCE, Equipment, Work
from bot.office import Office

PAUSE = timedelta(seconds=0.5)
"""After a turn that failed, doubled with each further one."""

log = logging.getLogger("frontdesk.turn")


class Turns:
    """Works off conversations, one claim at a time. Holds nothing between two claims."""

    def __init__(
        self,
        mailbox: Mailbox,
        engine: Engine,
        delivery: Delivery,
        *,
        offices: Mapping[str, Office],
        restarts: Restarts,
        now_ms: Callable[[], int],
        registry: CollectorRegistry,
        pause: timedelta = PAUSE,
        newer_patience: timedelta = NEWER_PATIENCE,
    ) -> None:
        """`newer_patience`: how long a conversation waits for a worker of the version that wrote its records."""
        self._mailbox = mailbox
        self._offices = offices
        self._pause = pause
        self._equipment = Equipment(mailbox, engine, delivery, restarts, now_ms, self._stop_spinner, newer_patience)
        self._spinners: set[asyncio.Task[None]] = set()
        self._count = Counter("frontdesk_turns", "Conversations claimed, by how it ended.", ["end"], registry=registry)

    async def run(self, conversation_id: str) -> None:
        """Work off what waits there, if nobody else does. Never raises: what went wrong comes due again."""
        try:
            held = await self._mailbox.claim(conversation_id)
            if held is None:
                self._count.labels("nothing").inc()
                return
            await self._work_safely(held)
        except Fenced:
            self._count.labels("fenced").inc()
            log.warning("fenced: another worker went on with the conversation")
        except TryAgain as error:
            self._count.labels("redis_away").inc()
            log.warning("turn dropped: %s", error)

    async def close(self) -> None:
        """Let the last spinners stop."""
        if self._spinners:
            await asyncio.wait(self._spinners, timeout=2)

    async def _work_safely(self, held: Held) -> None:
        try:
            is_done = await self._work_off(held)
            self._count.labels("done" if is_done else "too_new").inc()
        except (Fenced, TryAgain):
            raise
        except asyncio.CancelledError:  # asked to stop, and out of time: the next worker takes it from here
            with contextlib.suppress(FrontdeskError):
                await self._mailbox.release(held)
            raise
        except Exception as error:
            self._count.labels("failed").inc()
            log.exception("turn failed, try %d", held.tries)
            pause = self._pause * 2 ** min(held.tries, 6)
            await self._mailbox.release(held, delay=pause, has_failed=True, error=type(error).__name__)

    async def _work_off(self, held: Held) -> bool:
        office = self._offices.get(held.conversation.business)
        channel = office.channels.get(held.conversation.channel) if office else None
        if office is None or channel is None:
            log.error("no such business or channel any more: %s", held.conversation.business)
            await self._mailbox.release(held, delay=timedelta(hours=1))
            return True
        return await Work(self._equipment, office, channel, held).run()

    def _stop_spinner(self, channel: Channel, event: Event) -> None:
        if isinstance(event.body, Said | Tapped) and event.body.query:
            task = asyncio.create_task(channel.acknowledge(event), name="spinner")
            self._spinners.add(task)
            task.add_done_callback(self._spinners.discard)
