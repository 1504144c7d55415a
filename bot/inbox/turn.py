"""The turn: claim a conversation, work off what waits in it, let it go."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from prometheus_client import CollectorRegistry, Counter

from bot.channels.base import Channel
from bot.conversation.codec import Intent, decode_event, decode_intent, encode_intent, encode_letter
from bot.conversation.contract import Event, Refused, Tapped
from bot.conversation.engine import Engine, Result, Situation
from bot.conversation.saga import Later, Pursuit
from bot.errors import CallStaff, Fenced, TryAgain
from bot.inbox.delivery import Delivery
from bot.inbox.mailbox import Held, Mailbox, Step
from bot.office import Office

TRIES = 5
"""Claims of a conversation without a commit before its first event counts as poison."""
_PAUSE = timedelta(seconds=0.5)

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
        now_ms: Callable[[], int],
        registry: CollectorRegistry,
    ) -> None:
        self._mailbox = mailbox
        self._engine = engine
        self._delivery = delivery
        self._offices = offices
        self._now_ms = now_ms
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

    async def _work_safely(self, held: Held) -> None:
        try:
            await self._work_off(held)
            self._count.labels("done").inc()
        except (Fenced, TryAgain):
            raise
        except Exception:
            self._count.labels("failed").inc()
            log.exception("turn failed, try %d", held.tries)
            await self._mailbox.release(held, delay=_PAUSE * 2 ** min(held.tries, 6), has_failed=True)

    async def _work_off(self, held: Held) -> None:
        office = self._offices.get(held.conversation.business)
        channel = office.channels.get(held.conversation.channel) if office else None
        if office is None or channel is None:
            log.error("no such business or channel any more: %s", held.conversation.business)
            await self._mailbox.release(held, delay=timedelta(hours=1))
            return
        worked = _Worked(self, office, channel, held)
        if held.messages and not await self._delivery.send_all(held, channel, releases=False):
            return
        is_held = True
        while is_held:
            if held.intent and (worked.is_fresh or held.is_intent_due):
                is_held = await worked.pursue(decode_intent(held.intent))
            elif held.events:
                is_held = await worked.step(held.events[0])
            else:
                await self._mailbox.release(held)
                return

    # What a piece of work needs of the turn.

    @property
    def engine(self) -> Engine:
        return self._engine

    @property
    def mailbox(self) -> Mailbox:
        return self._mailbox

    @property
    def delivery(self) -> Delivery:
        return self._delivery

    def now_ms(self) -> int:
        return self._now_ms()

    def stop_spinner(self, channel: Channel, event: Event) -> None:
        if isinstance(event.body, Tapped) and event.body.query:
            task = asyncio.create_task(channel.acknowledge(event), name="spinner")
            self._spinners.add(task)
            task.add_done_callback(self._spinners.discard)

    async def close(self) -> None:
        """Let the last spinners stop."""
        if self._spinners:
            await asyncio.wait(self._spinners, timeout=2)


class _Worked:
    """One claimed conversation while it is worked off."""

    def __init__(self, turns: Turns, office: Office, channel: Channel, held: Held) -> None:
        self._turns = turns
        self._office = office
        self._channel = channel
        self._held = held
        self.is_fresh = False
        """The intent was written by this claim and not carried out yet."""

    async def step(self, body: bytes) -> bool:
        """Work off the first event. False: the conversation was let go."""
        held = self._held
        if held.tries > TRIES:
            log.error("event of %s failed %d times: dead letter", held.conversation.id, held.tries - 1)
            held.tries = 0
            result = self._turns.engine.apologise(self._situation())
            return await self._commit(result, Step(eaten=1, dead_reason="poison"))
        event = decode_event(body)
        self._turns.stop_spinner(self._channel, event)
        return await self._decide(event, eaten=1)

    async def pursue(self, intent: Intent) -> bool:
        """Take the intent one step on. False: the conversation was let go."""
        is_fresh, self.is_fresh = self.is_fresh, False
        request = intent.request
        with self._kept():
            try:
                location = await self._office.desk.find_location(request.location_id)
            except CallStaff:
                return await self._decide(Event(Refused(request.reference, "staff")), intent=b"")
            except TryAgain as error:
                return await self._postpone(Later(replace(intent, status="waiting") if is_fresh else intent, error.after))
            pursuit = Pursuit(self._office.vendor, location, self._write_intent, self._turns.now_ms)
            end = await pursuit.pursue(intent, is_fresh=is_fresh)
        if isinstance(end, Later):
            return await self._postpone(end)
        await self._office.desk.forget_openings(request.location_id, request.starts_at.astimezone(location.zone).date())
        return await self._decide(Event(end.outcome), intent=b"")

    async def _postpone(self, later: Later) -> bool:
        intent = encode_intent(later.intent)
        if later.outcome is not None:
            return await self._decide(Event(later.outcome), intent=intent, look_after=later.after)
        return await self._turns.mailbox.commit(self._held, Step(intent=intent, look_after=later.after))

    async def _write_intent(self, intent: Intent) -> None:
        await self._turns.mailbox.commit(self._held, Step(intent=encode_intent(intent), releases=False))

    async def _decide(
        self, event: Event, *, eaten: int = 0, intent: bytes | None = None, look_after: timedelta = timedelta(0)
    ) -> bool:
        with self._kept():
            result = await self._turns.engine.decide(self._situation(), event)
        if result.request is not None:
            if self._held.intent and intent is None:
                raise RuntimeError("a booking was asked for while another is open")
            self.is_fresh = True
            now = self._turns.now_ms()
            intent = encode_intent(Intent(result.request, begun_ms=now))
        return await self._commit(result, Step(eaten=eaten, intent=intent, look_after=look_after))

    async def _commit(self, result: Result, step: Step) -> bool:
        pace = self._channel.pace(self._held.conversation.chat)
        whole = Step(
            eaten=step.eaten,
            session=result.session,
            intent=step.intent,
            look_after=step.look_after,
            messages=[encode_letter(letter) for letter in result.letters],
            dead_reason=step.dead_reason,
            releases=not self.is_fresh,
        )
        if not await self._turns.mailbox.commit(self._held, whole, interval=pace.interval, burst=pace.burst):
            return False
        return await self._turns.delivery.send_all(self._held, self._channel, releases=not self.is_fresh)

    def _situation(self) -> Situation:
        held = self._held
        return Situation(
            office=self._office,
            channel=held.conversation.channel,
            conversation_id=held.conversation.id,
            version=held.version,
            session=held.session,
            prompt=held.prompt,
        )

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """Keep the lease while the booking system takes its time. `Fenced` if that fails: nothing more may be done."""
        keeper = _Keeper(self._turns.mailbox, self._held)
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
