"""How events, sessions, messages and intents are written into Redis and read back.

Reading raises `TooNew` for a record of a newer version of the bot, and ValueError for what no version of ours has written.
"""

from dataclasses import dataclass, field
from typing import Literal

import orjson
from pydantic import TypeAdapter

from bot.channels.base import Message
from bot.conversation.contract import Event, Session, Task
from bot.conversation.versions import EVENT, INTENT, MESSAGE, SESSION
from bot.model import Appointment, BookingRequest


@dataclass(frozen=True, slots=True)
class Relay:
    """An event for another conversation, on its way through the outbox."""

    to: str
    event: bytes
    """As `encode_event` writes it."""


@dataclass(slots=True)
class Intent:
    """A booking, move or cancelling that was decided and is being carried out: written down before anything is done."""

    request: BookingRequest
    task: Task = "book"
    appointment: Appointment | None = None
    """The one that is moved or cancelled, as it stood when that was decided."""
    made: Appointment | None = None
    """The new one, where a move is a booking and a cancelling: its first half is done."""
    status: Literal["begun", "waiting", "unknown"] = "begun"
    """begun: a call may be under way or its worker dead. waiting: certainly not applied, to be tried again.
    unknown: an answer got lost, to be looked up."""
    attempt: int = 1
    looks: int = 0
    since_ms: int = 0
    """Epoch milliseconds of the moment its outcome became unclear; 0 while it is clear."""
    begun_ms: int = 0
    """Epoch milliseconds of the customer's confirm."""
    doubted_ms: int = 0
    """Epoch milliseconds at which Redis came back, where it may have lost an earlier intent for the same wish; else 0."""
    is_told: bool = False
    """Staff know that it has been unclear for long."""
    is_silent: bool = False
    """The last look had no answer."""
    progress: dict[str, str] = field(default_factory=dict)
    """What the vendor's adapter wrote down between its steps."""


_EVENT = TypeAdapter(Event)
_SESSION = TypeAdapter(Session)
_MESSAGE = TypeAdapter(Message)
_INTENT = TypeAdapter(Intent)
_REQUEST = TypeAdapter(BookingRequest)
_APPOINTMENT = TypeAdapter(Appointment | None)
_TASK: TypeAdapter[Task] = TypeAdapter(Task)


def encode_event(event: Event) -> bytes:
    return EVENT.write(_EVENT.dump_json(event, exclude_defaults=False))


def decode_event(body: bytes) -> Event:
    return _EVENT.validate_json(EVENT.read(body))


def encode_session(session: Session) -> bytes:
    return SESSION.write(_SESSION.dump_json(session, exclude_defaults=True))


def decode_session(body: bytes) -> Session:
    """A fresh session for an empty body."""
    return _SESSION.validate_json(SESSION.read(body)) if body else Session()


def check_session(body: bytes) -> None:
    """Raises `TooNew` or ValueError where `decode_session` would not even begin."""
    if not body.startswith(SESSION.mark):
        SESSION.read(body)


def encode_letter(letter: Message | Relay) -> bytes:
    """A relay has no version of its own: the event in it has one, and only its last worker reads that."""
    if isinstance(letter, Relay):
        return b"r" + letter.to.encode() + b" " + letter.event
    return MESSAGE.write(_MESSAGE.dump_json(letter, exclude_defaults=True))


def decode_letter(body: bytes) -> Message | Relay:
    if body[:1] == b"r":
        to, _, event = body[1:].partition(b" ")
        return Relay(to.decode(), event)
    return _MESSAGE.validate_json(MESSAGE.read(body))


def encode_intent(intent: Intent) -> bytes:
    return INTENT.write(_INTENT.dump_json(intent))


def decode_intent(body: bytes) -> Intent:
    return _INTENT.validate_json(INTENT.read(body))


def salvage_intent(body: bytes) -> Intent | None:
    """What can be read of an intent that cannot be: whoever decides about it needs to know what was wanted."""
    _, _, content = body.partition(b" ")
    try:
        record = orjson.loads(content)
        task = _TASK.validate_python(record.get("task", "book"))
        return Intent(_REQUEST.validate_python(record["request"]), task, _salvage_appointment(record.get("appointment")))
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


def _salvage_appointment(record: object) -> Appointment | None:
    try:
        return _APPOINTMENT.validate_python(record)
    except ValueError:
        return None
