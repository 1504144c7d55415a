"""What the Bot API's refusals mean: the one place where its words become our errors.

The description is the only sub-code there is; it is matched by lower-cased substring. Source: Bot API, "Making
requests" and ResponseParameters; the wordings are those of tdlib/telegram-bot-api.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import orjson
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.errors import CallStaff, ChatMoved, FrontdeskError, OutcomeUnknown, TryAgain, Unreachable, Unsendable

SOURCE = "telegram"

LONGEST_REASON = 120
"""Characters of a description that are kept for people."""


class AlreadySo(FrontdeskError):
    """The edit changes nothing: a success. Never leaves this package."""


class TooLate(FrontdeskError):
    """The button's spinner has stopped by itself. Never leaves this package."""


class Flooded(TryAgain):
    """Too fast, for this chat or for all of them: Telegram does not say which."""


class Uneditable(Unsendable):
    """That message cannot be edited (any more); a new one can be sent. Never leaves this package."""


_SUBCODES: tuple[tuple[str, Callable[..., FrontdeskError]], ...] = (
    ("message is not modified", AlreadySo),
    ("query is too old", TooLate),
    ("query id is invalid", TooLate),
    ("message to edit not found", Uneditable),
    ("message can't be edited", Uneditable),
    ("message_id_invalid", Uneditable),
    ("chat not found", Unreachable),
    ("user not found", Unreachable),
    ("peer_id_invalid", Unreachable),
    ("user is deactivated", Unreachable),
    ("group chat was deleted", Unreachable),
    ("group chat was deactivated", Unreachable),
    ("bot was kicked", Unreachable),
    ("bot is not a member", Unreachable),
    ("not enough rights", CallStaff),
)
"""Sub-codes of status 400. Every other one is a mistake of ours in this one call."""

_QUOTED = re.compile(r'["<“«].*', re.DOTALL)
"""What the Bot API quotes is ours: part of a text, a name, an address."""

_SENDING = ("sendMessage", "editMessageText")


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer over HTTP."""

    status: int
    body: bytes
    retry_after: str = ""
    """The `Retry-After` header, in seconds."""


class Refused(TelegramError):
    """Carries our error through python-telegram-bot, which lets only its own kind pass."""

    def __init__(self, error: FrontdeskError) -> None:
        super().__init__(error.reason)
        self.error = error


def explain_reply(reply: Reply, verb: str) -> FrontdeskError:
    """Our error for an answer that is not a result."""
    content = _read_content(reply.body)
    code = content.get("error_code") if reply.status < 300 else reply.status
    parameters = content.get("parameters")
    parameters = parameters if isinstance(parameters, dict) else {}
    moved = parameters.get("migrate_to_chat_id")
    if moved:
        return ChatMoved(str(moved), source=SOURCE, verb=verb)
    if code == 429:
        return _wait(parameters.get("retry_after") or reply.retry_after, verb)
    return explain_status(code if isinstance(code, int) else reply.status, str(content.get("description", "")), verb=verb)


def explain_status(status: int, description: str, *, verb: str) -> FrontdeskError:
    """Our error for a status and its description."""
    reason = f"{status} {_QUOTED.sub('…', description)}"[:LONGEST_REASON].rstrip()
    if status in (400, 413):
        return _find_subcode(description, verb)(reason, source=SOURCE, verb=verb)
    if status == 403:
        return Unreachable(reason, source=SOURCE, verb=verb)
    if status < 300 or status >= 500:
        return OutcomeUnknown(reason, source=SOURCE, verb=verb)
    return CallStaff(reason, source=SOURCE, verb=verb)


def explain_exception(error: TelegramError, verb: str) -> FrontdeskError:
    """Our error for one that python-telegram-bot raised."""
    if isinstance(error, Refused):
        return error.error
    if isinstance(error, RetryAfter):
        return _wait(error.__reduce__()[1][0], verb)  # the property itself warns about its type
    if isinstance(error, ChatMigrated):
        return ChatMoved(str(error.new_chat_id), source=SOURCE, verb=verb)
    return explain_status(_guess_status(error), error.message, verb=verb)


def _guess_status(error: TelegramError) -> int:
    if isinstance(error, BadRequest):  # before its base, NetworkError
        return 400
    if isinstance(error, NetworkError):
        return 500
    if isinstance(error, InvalidToken | EndPointNotFound):
        return 404
    if isinstance(error, Forbidden):
        return 403
    return 409 if isinstance(error, Conflict) else 500


def _find_subcode(description: str, verb: str) -> Callable[..., FrontdeskError]:
    words = description.lower()
    return next((kind for part, kind in _SUBCODES if part in words), Unsendable if verb in _SENDING else CallStaff)


def _wait(seconds: object, verb: str) -> Flooded:
    try:
        after = max(1.0, float(str(seconds)))
    except ValueError:
        after = 1.0
    return Flooded("429 told to wait", after=timedelta(seconds=after), source=SOURCE, verb=verb)


def _read_content(body: bytes) -> dict[str, object]:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}
