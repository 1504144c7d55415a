"""A Bot API call in progress, and the record of those that were made."""

from collections import Counter, deque
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.sandbox.telegram.chats import Chat
from bot.sandbox.telegram.params import Params, Upload
from bot.sandbox.telegram.platform import Account, Platform
from bot.sandbox.telegram.refusals import refuse_access, refuse_flood, refuse_request

_KEPT_CALLS = 5000


@dataclass(slots=True)
class Call:
    """Who calls, with what, when."""

    platform: Platform
    account: Account
    params: Params
    now: float
    """Unix seconds of the sandbox clock."""

    def find_chat(self) -> Chat:
        """The chat of `chat_id`, known to the bot. Raises Refused."""
        raw = self.params.text("chat_id")
        if not raw:
            raise refuse_request("chat_id is empty")
        try:
            ident = int(raw)
        except ValueError:
            raise refuse_request("chat not found") from None
        chat = self.account.chats.get(ident)
        if chat is not None:
            return chat
        if ident in self.platform.people:
            raise refuse_access("bot can't initiate conversation with a user")
        raise refuse_request("chat not found")

    def check_access(self, chat: Chat) -> None:
        """Raises Refused if the bot may not write there."""
        if chat.migrated_to:
            raise refuse_request("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.migrated_to)
        if chat.is_private:
            person = self.platform.people.get(chat.id)
            if person is None or person.is_deactivated:
                raise refuse_access("user is deactivated")
            if chat.is_blocked:
                raise refuse_access("bot was blocked by the user")
        elif chat.status == "kicked":
            raise refuse_access(f"bot was kicked from the {chat.kind} chat")
        elif chat.status == "left":
            raise refuse_access(f"bot is not a member of the {chat.kind} chat")
        elif chat.status == "deleted":
            raise refuse_access("the group chat was deleted")

    def check_pace(self, chat: Chat) -> None:
        """Counts the send. Raises Refused (429)."""
        wait = self.platform.flood.admit(self.account.id, chat.id, self.now)
        if wait:
            raise refuse_flood(wait)


@dataclass(frozen=True, slots=True)
class Noted:
    """A result with a description beside it."""

    result: Any
    description: str


class CallLog:
    """What the bots asked for, the newest few thousand."""

    def __init__(self) -> None:
        self.total = 0
        self.by_operation: Counter[str] = Counter()
        self._entries: deque[tuple[Any, ...]] = deque(maxlen=_KEPT_CALLS)

    def add(self, at: float, *entry: Any) -> None:
        """`entry`: bot id, method, parameters, status, description, fault. Parameters are kept by reference."""
        self.total += 1
        self.by_operation[entry[1]] += 1
        self._entries.append((at, *entry))

    def clear(self) -> None:
        self.total = 0
        self.by_operation.clear()
        self._entries.clear()

    def show(self) -> dict[str, Any]:
        return {"total": self.total, "by_operation": self.by_operation, "log": [_show_entry(*entry) for entry in self._entries]}


def _show_entry(
    at: float, bot: int, method: str, params: dict[str, Any], status: int, description: str, fault: str
) -> dict[str, Any]:
    chat = str(params.get("chat_id", ""))
    return {
        "at": datetime.fromtimestamp(at, UTC).isoformat(),
        "bot": bot,
        "method": method,
        "chat_id": int(chat) if chat.lstrip("-").isdecimal() else chat or None,
        "ok": status == 200,
        "status": status,
        "description": description,
        "fault": fault,
        "params": {name: value.describe() if isinstance(value, Upload) else value for name, value in params.items()},
    }
