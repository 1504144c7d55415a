"""The session token that every call carries: one login for all workers, renewed when the vendor refuses it."""

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from hashlib import sha256

from redis.asyncio import Redis

from bot.errors import CallStaff
from bot.vendors.setster.turnstile import REDIS_FAILURES, Turnstile

log = logging.getLogger(__name__)

BARRED_FOR = timedelta(seconds=60)
"""After a refused login nobody tries again for this long: a wrong key does not get better, and vendors lock accounts."""

KEPT = timedelta(days=30)
"""Nobody says how long a session lasts; this only clears away those of accounts that are gone."""

Login = Callable[[], Awaitable[str]]


class Sessions:
    """The token of one account, kept at `<prefix>:session:<digest of who logs in>` until it is refused: the vendor asks not to
    log in on a timer. Another key or owner in the settings is another account.
    """

    def __init__(self, redis: Redis, turnstile: Turnstile, *, prefix: str, who: str, login: Login, patience: timedelta) -> None:
        self._redis = redis
        self._turnstile = turnstile
        self._name = f"{prefix}:session:{sha256(who.encode()).hexdigest()[:24]}"
        self._login = login
        self._patience = patience
        self._token = ""
        self._fresh = ""

    async def find(self) -> str:
        """The token in use. Raises what a login raises, and `TryAgain` while another worker's takes too long."""
        return self._token or await self.replace("")

    async def replace(self, refused: str) -> str:
        """Another token than `refused`: the one somebody has already fetched, else from a login."""
        if self._token in ("", refused):
            self._token = await self._fetch(refused) or await self._log_in(refused)
        return self._token

    async def _log_in(self, refused: str) -> str:
        async with self._turnstile.pass_alone("session", patience=self._patience):
            token = await self._fetch(refused)  # whoever was first has it by now
            if token:
                return token
            await self._check_barred()
            try:
                token = await self._login()
            except CallStaff:
                await self._bar()
                raise
            self._fresh = token
            await self._store(token)
            return token

    def is_fresh(self, token: str) -> bool:
        """Whether it came out of a login of this very process: refused all the same, another one would not help."""
        return token == self._fresh

    async def _fetch(self, refused: str) -> str:
        """The shared token, or nothing."""
        if self._token not in ("", refused):  # another task of this process
            return self._token
        try:
            kept = await self._redis.get(self._name)
        except REDIS_FAILURES as error:
            log.warning("session not reachable (%s)", type(error).__name__)
            return ""
        token = kept.decode() if isinstance(kept, bytes) else kept or ""
        return "" if token == refused else token

    async def _store(self, token: str) -> None:
        try:
            await self._redis.set(self._name, token, px=KEPT)
        except REDIS_FAILURES as error:
            log.warning("session not kept for others (%s)", type(error).__name__)

    async def _bar(self) -> None:
        try:
            await self._redis.set(f"{self._name}:barred", b"1", px=BARRED_FOR)
        except REDIS_FAILURES:
            return

    async def _check_barred(self) -> None:
        try:
            is_barred = await self._redis.exists(f"{self._name}:barred")
        except REDIS_FAILURES:
            return
        if is_barred:
            raise CallStaff("login was refused a moment ago", source="setster", verb="authenticate")
