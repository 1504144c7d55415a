"""Logins: which token belongs to which account, and when it is over."""

import asyncio
import secrets
import string
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.sandbox.setster.demo import ACCOUNTS, Account
from bot.sandbox.setster.switches import Switches

LENGTH = 26
"""Lower-case letters and digits (wire notes, section 2)."""


@dataclass(slots=True)
class Session:
    """A login that was let in."""

    account: Account
    opened_at: datetime
    calls: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Sessions:
    """Every token that is good."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._sessions: dict[str, Session] = {}

    def open(self, email: str, api_key: str, company_id: str, now: datetime) -> str:
        """A new token, or nothing for a login that is wrong. Earlier tokens go on working."""
        for account in ACCOUNTS:
            is_company = company_id in ("", account.company_id)
            if api_key == account.api_key and email.lower() == account.email and is_company:
                token = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(LENGTH))
                self._sessions[token] = Session(account, now)
                return token
        return ""

    def find(self, token: str, now: datetime) -> Session | None:
        """The session, one call older; None for one that is unknown or over."""
        session = self._sessions.get(token)
        if session is None:
            return None
        session.calls += 1
        longest, most = self._switches.session_ttl_s, self._switches.session_ttl_calls
        if (most and session.calls > most) or (longest and now - session.opened_at > timedelta(seconds=longest)):
            del self._sessions[token]
            return None
        return session

    def clear(self) -> None:
        """Every session is over."""
        self._sessions.clear()

    @asynccontextmanager
    async def take_turn(self, session: Session | None) -> AsyncIterator[None]:
        """Where a token serves one call at a time, wait for the others."""
        if session is None or not self._switches.latency_serialised_per_token:
            yield
            return
        async with session.turn:
            yield
