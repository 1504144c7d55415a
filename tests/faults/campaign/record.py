"""What the emulated Telegram took, by its own record: every message and edit, when, from which process, with which fault."""

import asyncio
from collections import Counter, defaultdict
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from bot.sandbox.telegram.calls import CallLog

WRITES = frozenset({"sendMessage", "editMessageText"})
NO_BREAK = "\N{NO-BREAK SPACE}"

sender: ContextVar[str] = ContextVar("sender", default="")
"""The process whose request is being answered."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One message or edit that was applied."""

    at: float
    """On the loop's clock."""
    by: str
    method: str
    text: str
    fault: str
    """What happened to the answer."""


class Record(CallLog):
    """Keeps what a run is judged by; the newest calls as ever."""

    def __init__(self) -> None:
        super().__init__()
        self.chats: defaultdict[int, list[Taken]] = defaultdict(list)
        self.unchanged: Counter[int] = Counter()
        """By chat: answers that changed nothing, because the message said that already."""

    def add(self, at: float, *entry: Any) -> None:
        super().add(at, *entry)
        _, method, params, status, description, fault = entry
        if "not modified" in description:
            self.unchanged[int(params["chat_id"])] += 1
        if status == 200 and method in WRITES:
            text = str(params.get("text", "")).replace(NO_BREAK, " ")
            taken = Taken(asyncio.get_running_loop().time(), sender.get(), method, text, fault)
            self.chats[int(params["chat_id"])].append(taken)
