"""How events, sessions, messages and intents are written into Redis and read back.

Sessions carry a version: one of an older version is upgraded here by a named step, an unknown one is forgotten politely
(the conversation starts again and says nothing untrue).
"""

from dataclasses import dataclass, field
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from bot.channels.base import Message
from bot.conversation.contract import Event, Session
from bot.model import BookingRequest

SESSION_VERSION = b"1"


@dataclass(frozen=True, slots=True)
class Relay:
    """An event for another conversation, on its way through the outbox."""

    to: str
    event: Event


@dataclass(slots=True)
class Intent:
    """A booking that was decided and is being carried out: written down before anything is done about it."""

    request: BookingRequest
    status: Literal["begun", "waiting", "unknown"] = "begun"
    """begun: a call may be under way or its worker dead. waiting: certainly not applied, to be tried again.
    unknown: an answer got lost, to be looked up."""
    attempt: int = 1
    looks: int = 0
    since_ms: int = 0
    """Epoch milliseconds of the moment its outcome became unclear; 0 while it is clear."""
    begun_ms: int = 0
    """Epoch milliseconds of the customer's confirm."""
    progress: dict[str, str] = field(default_factory=dict)
    """What the vendor's adapter wrote down between its steps."""


_EVENT = TypeAdapter(Event)
_SESSION = TypeAdapter(Session)
_MESSAGE = TypeAdapter(Message)
_RELAY = TypeAdapter(Relay)
_INTENT = TypeAdapter(Intent)


def encode_event(event: Event) -> bytes:
    return _EVENT.dump_json(event, exclude_defaults=False)


def decode_event(body: bytes) -> Event:
    """Raises ValueError for what no version of ours has written."""
    return _EVENT.validate_json(body)


def encode_session(session: Session) -> bytes:
    return SESSION_VERSION + b" " + _SESSION.dump_json(session, exclude_defaults=True)


def decode_session(body: bytes) -> Session:
    """A fresh session for an empty body or one of an unknown version."""
    version, _, rest = body.partition(b" ")
    if version != SESSION_VERSION:
        return Session()
    try:
        return _SESSION.validate_json(rest)
    except ValidationError:
        return Session()


def encode_letter(letter: Message | Relay) -> bytes:
    if isinstance(letter, Relay):
        return b"r" + _RELAY.dump_json(letter)
    return b"m" + _MESSAGE.dump_json(letter, exclude_defaults=True)


def decode_letter(body: bytes) -> Message | Relay:
    if body[:1] == b"r":
        return _RELAY.validate_json(body[1:])
    return _MESSAGE.validate_json(body[1:])


def encode_intent(intent: Intent) -> bytes:
    return _INTENT.dump_json(intent)


def decode_intent(body: bytes) -> Intent:
    return _INTENT.validate_json(body)
