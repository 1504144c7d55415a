"""Works off one claimed conversation: what is left to send, the booking under way, the events that wait."""

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.channels.base import Channel
from bot.conversation.codec import (
    Intent,
    check_session,
    decode_event,
    decode_intent,
    encode_intent,
    encode_letter,
    salvage_intent,
)
from bot.conversation.contract import Book, Cancel, Event, GaveUp, Refused, Task, Wish
from bot.conversation.engine import Engine, Result, Situation
from bot.conversation.saga import Later, Pursuit
from bot.conversation.versions import Kind
from bot.errors import CallStaff, FrontdeskError, OutcomeUnknown, TooNew, TryAgain
from bot.inbox.delivery import Delivery
from bot.inbox.keeper import keep_lease
from bot.inbox.mailbox import Held, Mailbox, Step
from bot.inbox.restarts import Restarts
from bot.office import Office

TRIES = 5
"""Failed claims of a conversation before what came next in it counts as poison."""
DEATHS = 15
"""Workers in a row that may die with a conversation in hand before what came next in it counts as poison. More than `TRIES`:
all that a worker held dies with it, whoever was to blame, and a bad hour of the machine is nobody's fault."""
NEWER_AFTER = timedelta(seconds=0.6)
"""Until another worker, perhaps of a newer version, may have a try at what is too new for this one: so long on average.
Never a multiple of the time between two sweeps, or the same worker would always be the first to see it come due."""
NEWER_PATIENCE = timedelta(minutes=10)
"""How long a conversation waits for a worker of a newer version: longer than any deploy. Then that version has been taken
back, and the customer is not left waiting for it."""

log = logging.getLogger("frontdesk.work")


@dataclass(frozen=True, slots=True)
class Equipment:
    """What every piece of work is done with."""

    mailbox: Mailbox
    engine: Engine
    delivery: Delivery
    restarts: Restarts
    now_ms: Callable[[], int]
    stop_spinner: Callable[[Channel, Event], None]
    newer_patience: timedelta


class Work:
    """One claimed conversation while it is worked off."""

    def __init__(self, equipment: Equipment, office: Office, channel: Channel, held: Held) -> None:
        self._equipment = equipment
        self._mailbox = equipment.mailbox
        self._engine = equipment.engine
        self._office = office
        self._channel = channel
        self._held = held
        self._is_fresh = False
        """The intent was written by this claim and not carried out yet."""
        self._has_excused = False
        """The customer was told that something got lost."""

    async def run(self) -> bool:
        """Until nothing is left, or the conversation is let go. Raises what a turn cannot go on after.

        False: what comes next is left to a worker of a newer version.
        """
        held = self._held
        what, reason, error = self._find_poison() if held.tries > TRIES or held.deaths > DEATHS else None, "poison", held.error
        while True:
            try:
                if what is None or await self._give_up(what, reason, error):
                    await self._work_off()
            except TooNew as found:
                if held.unread < self._equipment.newer_patience:
                    log.info("left to a newer version: %s", found)
                    delay = NEWER_AFTER * random.uniform(0.2, 1.8)  # noqa: S311  nothing secret about it
                    await self._mailbox.release(held, delay=delay, is_too_new=True)
                    return False
                what, reason, error = found.kind, "version", found.reason
            else:
                return True

    async def _work_off(self) -> None:
        held = self._held
        if held.messages and not await self._send():
            return
        if held.session and (held.events or held.intent):
            check_session(held.session)
        is_held = True
        while is_held:
            if held.intent and (self._is_fresh or held.is_intent_due):
                is_held = await self._pursue(decode_intent(held.intent))
            elif held.events:
                is_held = await self._step(held.events[0])
            else:
                await self._mailbox.release(held)
                return

    # ── Events ───────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _step(self, body: bytes) -> bool:
        """Work off the first event. False: the conversation was let go."""
        event = decode_event(body)
        self._equipment.stop_spinner(self._channel, event)
        return await self._decide(event, eaten=1)

    async def _decide(
        self, event: Event, *, eaten: int = 0, intent: bytes | None = None, look_after: timedelta = timedelta(0)
    ) -> bool:
        with keep_lease(self._mailbox, self._held):
            result = await self._engine.decide(self._situation(), event)
        if result.wish is not None:
            if self._held.intent and intent is None:
                raise RuntimeError("a booking or change was asked for while another is open")
            self._is_fresh = True
            intent = encode_intent(await self._begin(result.wish))
        return await self._commit(result, Step(eaten=eaten, intent=intent, look_after=look_after))

    async def _begin(self, wish: Wish) -> Intent:
        """The same reference may have been booked already by an intent that Redis lost: then look before anything else."""
        now = self._equipment.now_ms()
        restarted = await self._equipment.restarts.find_recent()
        doubted = 0 if restarted is None else now - restarted // timedelta(milliseconds=1)
        if isinstance(wish, Book):
            return Intent(wish.request, begun_ms=now, doubted_ms=doubted)
        task: Task = "cancel" if isinstance(wish, Cancel) else "move"
        return Intent(wish.request, task, wish.appointment, begun_ms=now, doubted_ms=doubted)

    async def _commit(self, result: Result, step: Step) -> bool:
        pace = self._channel.pace(self._held.conversation.chat)
        whole = replace(
            step,
            session=result.session,
            messages=[encode_letter(letter) for letter in result.letters],
            releases=not self._is_fresh,
        )
        if not await self._mailbox.commit(self._held, whole, interval=pace.interval, burst=pace.burst):
            return False
        return await self._send()

    async def _send(self) -> bool:
        """Empty the outbox; what the platform refuses for ever is owned up to. False: the conversation was let go."""
        held = self._held
        if not await self._equipment.delivery.send_all(held, self._channel, releases=not self._is_fresh):
            return False
        if not held.has_lost or self._has_excused:
            return True
        return await self._excuse("error.lost_message", Step())

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

    # ── What is under way ────────────────────────────────────────────────────────────────────────────────────────

    async def _pursue(self, intent: Intent) -> bool:
        """Take the intent one step on. False: the conversation was let go."""
        is_fresh, self._is_fresh = self._is_fresh, False
        request = intent.request
        with keep_lease(self._mailbox, self._held):
            try:
                location = await self._office.desk.find_location(request.location_id)
            except CallStaff:
                refused = Refused(request.reference, "staff", task=intent.task, appointment=intent.appointment)
                return await self._decide(Event(refused), intent=b"")
            except TryAgain as error:
                return await self._postpone(Later(replace(intent, status="waiting") if is_fresh else intent, error.after))
            pursuit = Pursuit(self._office.vendor, location, self._write_intent, self._equipment.now_ms)
            try:
                end = await pursuit.pursue(intent, is_fresh=is_fresh)
            except FrontdeskError:
                raise
            except Exception:  # a mistake of ours, perhaps after the vendor was asked: look, as after any lost answer
                log.exception("%s failed, its outcome is unknown", intent.task)
                end = pursuit.lose_sight(intent)
        if isinstance(end, Later):
            return await self._postpone(end)
        moments = {request.starts_at, *([intent.appointment.starts_at] if intent.appointment else [])}
        for day in {moment.astimezone(location.zone).date() for moment in moments}:
            await self._office.desk.forget_openings(request.location_id, day)
        return await self._decide(Event(end.outcome), intent=b"")

    async def _postpone(self, later: Later) -> bool:
        intent = encode_intent(later.intent)
        if later.outcome is not None:
            return await self._decide(Event(later.outcome), intent=intent, look_after=later.after)
        return await self._mailbox.commit(self._held, Step(intent=intent, look_after=later.after))

    async def _write_intent(self, intent: Intent) -> None:
        await self._mailbox.commit(self._held, Step(intent=encode_intent(intent), releases=False))

    # ── What cannot be worked on ─────────────────────────────────────────────────────────────────────────────────────

    def _find_poison(self) -> Kind | None:
        """What was tried first in every claim that failed. A lost answer to a send is no fault of the message."""
        held = self._held
        if held.messages:
            return None if held.error == OutcomeUnknown.__name__ else "message"
        if held.intent and held.is_intent_due:
            return "intent"
        return "event" if held.events else None

    async def _give_up(self, what: Kind, reason: str, error: str) -> bool:
        """Put it among the dead letters, tell the customer, go on with the next. False: the conversation was let go."""
        log.error("%s of %s given up: %s %s", what, self._held.conversation.id, reason, error)
        if not self._can_read_session() and not await self._restart(reason, error):
            return False
        if what == "message":
            if not await self._equipment.delivery.drop_head(self._held, reason=reason, error=error):
                return False
            return await self._excuse("error.lost_message", Step())
        if what == "event":
            return await self._excuse("error.poison", Step(eaten=1, dead_reason=f"{reason} {error}"))
        return True if what == "session" else await self._give_up_intent(reason, error)

    async def _give_up_intent(self, reason: str, error: str) -> bool:
        """Nobody can pursue it, but what was wanted can be told to staff."""
        body = self._held.intent
        await self._mailbox.bury(self._held.conversation, "intent", body, reason=reason, error=error)
        wanted = salvage_intent(body)
        try:
            if wanted is not None:
                outcome = GaveUp(wanted.request.reference, task=wanted.task, appointment=wanted.appointment)
                return await self._decide(Event(outcome), intent=b"")
        except FrontdeskError:
            raise
        except Exception:
            log.exception("giving up could not be told as such")
        return await self._excuse("error.unsettled", Step(intent=b""))

    async def _restart(self, reason: str, error: str) -> bool:
        """Forget a session that cannot be read; a booking under way is not forgotten with it."""
        held = self._held
        await self._mailbox.bury(held.conversation, "session", held.session, reason=reason, error=error)
        wanted = salvage_intent(held.intent) if held.intent else None
        result = self._engine.restart(self._situation(), wanted)
        return await self._commit(result, Step())

    async def _excuse(self, key: str, step: Step) -> bool:
        """Say what cannot be done, and commit."""
        self._has_excused = True
        return await self._commit(self._engine.apologise(self._situation(), key), step)

    def _can_read_session(self) -> bool:
        try:
            self._engine.read(self._situation())
        except (TooNew, ValueError):
            return False
        return True
