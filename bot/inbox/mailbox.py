"""The typed face of the scripts: enqueue, claim, commit, sent, renew, release, sweep."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import blake2b
from typing import Literal

from prometheus_client import CollectorRegistry, Counter
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.errors import Fenced, TryAgain
from bot.inbox.keys import PARTITION_KEYS, Conversation, Keys, Partition, keys_of
from bot.inbox.script import Argument, Scripts

INBOX_CAP = 200
"""Events one customer may have waiting before the platform is asked to come again."""
RELAY_CAP = 5000
"""Lines one staff chat may have waiting: it is written to slowly, and no customer may have to wait for that."""
_MOST = 16
"""Events and messages handed over at a time."""
_NO_PACE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Timer:
    """An event to come."""

    id: str
    due_ms: int
    """Epoch milliseconds, UTC."""
    event: bytes


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message in the outbox."""

    sequence: int
    body: bytes


@dataclass(slots=True)
class Held:
    """A conversation this worker holds. Every write of it carries the nonce and the fence."""

    conversation: Conversation
    keys: Keys
    owner: str
    fence: int
    version: int
    session: bytes
    intent: bytes
    is_intent_due: bool
    tries: int
    prompt: str
    """The platform's id of the last prompt sent."""
    events: list[bytes]
    messages: list[Waiting]
    lease_end: float
    """On this process' monotonic clock, counted from before the claim was asked for."""
    deaths: int = 0
    """Workers in a row that held it and never let go."""
    error: str = ""
    """The class of the error that the last failed try ended with; empty when its worker died."""
    unread: timedelta = timedelta(0)
    """For how long it has been waiting for a worker of a newer version."""
    has_lost: bool = False
    """A message was given up in this claim."""
    wait: timedelta = timedelta(0)
    """Before the head of the outbox may be sent."""

    def lasts(self, duration: timedelta) -> bool:
        return self.lease_end - time.monotonic() > duration.total_seconds()


@dataclass(frozen=True, slots=True)
class Step:
    """What one commit writes."""

    eaten: int = 0
    """Events from the head of the inbox that are done with this."""
    session: bytes = b""
    """Empty: unchanged."""
    intent: bytes | None = None
    """None: unchanged; empty: none any more."""
    look_after: timedelta = timedelta(0)
    """When the intent is to be looked at again."""
    messages: Sequence[bytes] = ()
    timers: Sequence[Timer] = ()
    cancelled: Sequence[str] = ()
    dead_reason: str = ""
    """Set: the eaten events go to the dead letters with this reason, a word, and after a space the error's class."""
    releases: bool = True
    """Let go when nothing is left to send or to work on."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """What came due in one partition."""

    conversations: list[str]
    timers: list[tuple[str, int, str, bytes]] = field(default_factory=list)
    """Timer id, due, conversation id, event."""


def _digest(conversation: str, delivery: str) -> bytes:
    return blake2b(f"{conversation}|{delivery}".encode(), digest_size=9).digest()


def _milliseconds(duration: timedelta) -> int:
    return int(duration.total_seconds() * 1000)


def _messages(raw: list[bytes]) -> list[Waiting]:
    return [Waiting(int(number), body) for number, body in (entry.split(b" ", 1) for entry in raw)]


class Mailbox:
    """All conversations of all businesses in one Redis.

    Every method may raise `TryAgain` (Redis is away) and, where a `Held` is handed in, `Fenced`.
    """

    def __init__(
        self, redis: Redis, scripts: Scripts, *, lease: timedelta, hints: bool, registry: CollectorRegistry | None = None
    ) -> None:
        """`hints`: tell workers of other processes through Redis; not needed where this process works itself."""
        self._redis = redis
        self._scripts = scripts
        self.lease = lease
        self._lease_ms = _milliseconds(lease)
        self._hints = int(hints)
        self._buried = Counter(
            "frontdesk_dead_letters",
            "Records given up on, by kind and reason; see `frontdesk dead`.",
            ["kind", "reason"],
            registry=registry or CollectorRegistry(),
        )

    async def enqueue(
        self, conversation: Conversation, delivery: str, event: bytes, *, cap: int = INBOX_CAP
    ) -> Literal["NEW", "DUP", "FULL"]:
        """Durable when this returns. `delivery` is the platform's identity of the event: the same again is DUP."""
        keys = keys_of(conversation.id)
        shared = keys.partition
        answer = await self._scripts.run(
            "enqueue",
            (shared.seen, keys.record, keys.inbox, shared.due, shared.ready),
            keys.id,
            _digest(keys.id, delivery),
            event,
            cap,
            self._hints,
        )
        return "NEW" if answer == b"NEW" else "DUP" if answer == b"DUP" else "FULL"

    async def claim(self, conversation_id: str) -> Held | None:
        """The conversation with all that waits in it, or None if someone else has it or nothing is to be done."""
        keys = keys_of(conversation_id)
        owner = secrets.token_hex(8)
        lease_end = time.monotonic() + self.lease.total_seconds()
        answer = await self._scripts.run(
            "claim",
            (keys.record, keys.inbox, keys.outbox, keys.partition.due, keys.partition.clock),
            keys.id,
            owner,
            self._lease_ms,
            _MOST,
        )
        if answer[0] != b"OK":
            return None
        _, fence, version, session, intent, intent_due, tries, prompt, events, messages, error, unread_ms, deaths = answer
        return Held(
            conversation=Conversation.parse(conversation_id),
            keys=keys,
            owner=owner,
            fence=fence,
            version=version,
            session=session,
            intent=intent,
            is_intent_due=bool(intent_due),
            tries=tries,
            deaths=deaths,
            prompt=prompt.decode(),
            events=events,
            messages=_messages(messages),
            lease_end=lease_end,
            error=error.decode(),
            unread=timedelta(milliseconds=unread_ms),
        )

    async def commit(self, held: Held, step: Step, *, interval: timedelta = _NO_PACE, burst: int = 1) -> bool:
        """Write one step whole; `held` then shows what is next. False when nothing was left and the lease was let go."""
        keys, shared = held.keys, held.keys.partition
        lease_end = time.monotonic() + self.lease.total_seconds()
        timers: list[Argument] = [part for timer in step.timers for part in (timer.id, timer.due_ms, timer.event)]
        answer = await self._scripts.run(
            "commit",
            (keys.record, keys.inbox, keys.outbox, shared.due, shared.timers, shared.timer_events, shared.dead),
            *self._proof(held),
            held.version,
            secrets.token_hex(6),
            self._lease_ms,
            step.eaten,
            step.session,
            "keep" if step.intent is None else "set",
            step.intent or b"",
            _milliseconds(step.look_after),
            int(step.releases),
            _milliseconds(interval),
            burst,
            step.dead_reason,
            len(step.messages),
            *step.messages,
            len(step.timers),
            *timers,
            len(step.cancelled),
            *step.cancelled,
        )
        _refuse_fenced(answer[0], held)
        if step.dead_reason:
            self._buried.labels("event", step.dead_reason.split(" ")[0]).inc(step.eaten)
        held.version, held.tries = answer[1], 0
        held.session = step.session or held.session
        if step.intent is not None:
            held.intent, held.is_intent_due = step.intent, False
        if answer[0] == b"RELEASED":
            return False
        held.lease_end = lease_end
        held.messages += [Waiting(answer[2] + index, body) for index, body in enumerate(step.messages)]
        held.wait, held.events = timedelta(milliseconds=max(0, answer[3])), answer[4]
        return True

    async def confirm_sent(
        self,
        held: Held,
        waiting: Waiting,
        *,
        prompt: str = "",
        releases: bool,
        interval: timedelta = _NO_PACE,
        burst: int = 1,
    ) -> bool:
        """The message has left. False when nothing was left and the lease was let go."""
        keys = held.keys
        lease_end = time.monotonic() + self.lease.total_seconds()
        answer = await self._scripts.run(
            "sent",
            (keys.record, keys.inbox, keys.outbox, keys.partition.due),
            *self._proof(held),
            waiting.sequence,
            self._lease_ms,
            int(releases),
            prompt,
            _milliseconds(interval),
            burst,
        )
        _refuse_fenced(answer[0], held)
        held.messages, held.tries = held.messages[1:], 0
        held.prompt = prompt or held.prompt
        if answer[0] == b"RELEASED":
            return False
        held.lease_end = lease_end
        held.wait, held.events = timedelta(milliseconds=max(0, answer[1])), answer[2]
        return True

    async def renew(self, held: Held) -> None:
        """Hold it for another lease from now."""
        lease_end = time.monotonic() + self.lease.total_seconds()
        answer = await self._scripts.run("renew", (held.keys.record, held.keys.partition.due), *self._proof(held), self._lease_ms)
        _refuse_fenced(answer, held)
        held.lease_end = lease_end

    async def release(
        self,
        held: Held,
        *,
        delay: timedelta = timedelta(0),
        holds_sending: bool = False,
        has_failed: bool = False,
        error: str = "",
        is_too_new: bool = False,
    ) -> None:
        """Let go unfinished; it comes up again after `delay`, and with `holds_sending` nothing is sent before.

        `has_failed`: the claim counts as a try, as that of a worker that died does; `error` is the class of what was raised.
        `is_too_new`: what comes next was written by a newer version of the bot.
        """
        keys = held.keys
        answer = await self._scripts.run(
            "release",
            (keys.record, keys.inbox, keys.outbox, keys.partition.due),
            *self._proof(held),
            _milliseconds(delay),
            int(holds_sending),
            int(has_failed),
            error,
            int(is_too_new),
        )
        _refuse_fenced(answer, held)

    async def sweep(self, partition: Partition) -> Sweep:
        """Conversations and timers that have come due. Also feeds the clock guard: call it at least once a second."""
        due, timers = await self._scripts.run(
            "sweep", (partition.due, partition.clock, partition.timers, partition.timer_events), self._lease_ms, 100
        )
        rows = [(timers[at].decode(), int(float(timers[at + 1])), timers[at + 2]) for at in range(0, len(timers), 3)]
        return Sweep(
            [entry.decode() for entry in due],
            [(timer, due_ms, *_split_timer(body)) for timer, due_ms, body in rows],
        )

    async def fire(self, partition: Partition, timer: str, due_ms: int, *, to: str, event: bytes) -> None:
        """Put a due timer's event into its inbox, once, and forget the timer."""
        if to:
            await self.enqueue(Conversation.parse(to), f"timer:{timer}:{due_ms}", event)
        await self._scripts.run("fired", (partition.timers, partition.timer_events), timer, due_ms)

    async def bury(self, conversation: Conversation, kind: str, body: bytes, *, reason: str, error: str = "") -> None:
        """Keep as a dead letter what nothing can be done with."""
        fields: dict[bytes | str | float, bytes | str | float] = {
            "conversation": conversation.id,
            "kind": kind,
            "reason": reason,
            "error": error,
            "body": body,
        }
        try:
            await self._redis.xadd(keys_of(conversation.id).partition.dead, fields, maxlen=10_000)  # type: ignore[arg-type]
        except (RedisError, OSError) as failure:
            raise TryAgain(type(failure).__name__, source="redis", verb="bury", after=timedelta(seconds=2)) from None
        self._buried.labels(kind, reason).inc()

    async def wait_for_hint(self, redis: Redis, patience: timedelta) -> str | None:
        """A conversation that another process just put something into. `redis` must allow for the blocking wait."""
        ready = [partition.ready for partition in PARTITION_KEYS]
        popped = await redis.blpop(ready, patience.total_seconds())
        if not popped:
            return None
        name = popped[1]
        return name.decode() if isinstance(name, bytes) else name

    @staticmethod
    def _proof(held: Held) -> tuple[str, str, int]:
        return held.keys.id, held.owner, held.fence


def _refuse_fenced(answer: bytes, held: Held) -> None:
    if answer == b"FENCED":
        raise Fenced(source="mailbox", reference=f"fence {held.fence}")


def _split_timer(body: bytes) -> tuple[str, bytes]:
    conversation, _, event = body.partition(b" ")
    return conversation.decode(), event
