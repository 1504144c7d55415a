"""OAuth tokens that rotate: kept in Redis for every worker, renewed by one at a time, never lost if it can be helped.

A refresh token dies with its first use. So the new one is written down before it is used, a renewal goes on when whoever
asked for it is gone, the access token at hand serves while one runs, and where a rotation was lost all the same, what
else may open the account is tried: the token before, and the one in the settings, which an operator can replace.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import uuid4

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.errors import CallStaff, FrontdeskError, TryAgain, VendorChanged
from bot.vendors.bucket import Priority
from bot.vendors.failures import KeyRefused
from bot.vendors.http import Call, Json, VendorHttp
from bot.vendors.rows import read_as_text, read_as_whole
from bot.vendors.schedly.payloads import SOURCE, unwrap

log = logging.getLogger(__name__)

LIFE = timedelta(seconds=1800)
"""Of an access token, where an answer does not say (wire notes, section 2.2)."""
RENEWED_AT = 0.8
"""Share of its life after which an access token is renewed, while it still serves."""
TIMEOUT = timedelta(seconds=20)
"""For one renewal with its repeats. Longer than a customer waits: the answer is worth more than the time."""
CANDIDATES = 3
"""Refresh tokens tried in one renewal at most: the newest, the one before, the settings' own."""
MOST_SEEN = 8
LOCK_KEPT = TIMEOUT * CANDIDATES + timedelta(seconds=15)
"""A renewer that died holds up the others for this long; the access token at hand serves for 360 seconds more."""
POLL = timedelta(milliseconds=100)
"""Between two looks at a lock that somebody else holds."""
PATIENCE = timedelta(seconds=8)
"""How long a call waits for a renewal that it cannot do without."""
REFUSED_PAUSE = timedelta(seconds=60)
"""After every refresh token was refused: so long nobody asks again."""

REDIS_FAILURES = (RedisError, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class OAuthSettings:
    """What an operator got when the business gave its consent."""

    client_id: str
    client_secret: str = field(repr=False)
    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tokens:
    """One access token and what renews it."""

    access: str = field(repr=False)
    refresh: tuple[str, ...] = field(repr=False)
    """Newest first."""
    renew_at: datetime
    expires_at: datetime
    seen: tuple[str, ...]
    """Digests of the settings' refresh tokens that were spent or refused: another one there begins a new chain."""


class TokenKeeper:
    """The tokens of one business, the same for every process.

    Keys: `<prefix>:{business}:tokens` the newest tokens as JSON, without expiry; `…:lock` who renews them.
    """

    def __init__(
        self,
        http: VendorHttp,
        redis: Redis,
        settings: OAuthSettings,
        *,
        business: str,
        now: Callable[[], datetime],
        prefix: str = "frontdesk:schedly",
    ) -> None:
        self._http = http
        self._redis = redis
        self._settings = settings
        self._now = now
        self._name = f"{prefix}:{{{business}}}:tokens"
        self._lock_name = f"{prefix}:{{{business}}}:lock"
        self._digest = sha256(settings.refresh_token.encode()).hexdigest()[:16]
        self._own: Tokens | None = None
        self._is_unsaved = False
        self._renewal: asyncio.Task[Tokens] | None = None
        self._refused_until = 0.0

    async def get(self) -> str:
        """An access token that should be taken. Raises `CallStaff` when a person has to sign in again, `TryAgain`."""
        tokens = await self._find()
        if tokens is None or self._now() >= tokens.expires_at or self._digest not in tokens.seen:
            return (await self._await_renewal(tokens.access if tokens else "")).access
        if self._now() >= tokens.renew_at and not self._is_pausing():
            self._start_renewal(tokens.access)
        return tokens.access

    async def replace(self, refused: str) -> str:
        """Another one, after the vendor refused `refused`. Raises like `get`."""
        return (await self._await_renewal(refused)).access

    async def close(self) -> None:
        """Let a renewal under way end: its answer must not get lost."""
        if self._renewal is not None:
            await asyncio.wait([self._renewal], timeout=TIMEOUT.total_seconds())

    # ── What is kept ─────────────────────────────────────────────────────────────────────────────────────────────────

    async def _find(self) -> Tokens | None:
        if self._own is not None and self._is_unsaved:
            await self._save(self._own)
        if self._own is None or self._now() >= self._own.renew_at:
            try:
                self._own = await self._load() or self._own
            except REDIS_FAILURES as error:
                log.warning("sign-in not readable (%s)", type(error).__name__)
        return self._own

    async def _load(self) -> Tokens | None:
        packed = await self._redis.get(self._name)
        return _unpack(packed) if packed else None

    async def _save(self, tokens: Tokens) -> None:
        """Once in Redis it is everybody's. Until then this process alone can sign in: it keeps trying."""
        self._own, self._is_unsaved = tokens, True
        try:
            await self._redis.set(self._name, _pack(tokens))
        except REDIS_FAILURES as error:
            log.error("new sign-in not written down yet (%s)", type(error).__name__)  # noqa: TRY400  traces quote values
            return
        self._is_unsaved = False

    # ── Renewal ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _is_pausing(self) -> bool:
        return asyncio.get_running_loop().time() < self._refused_until

    def _start_renewal(self, stale: str) -> asyncio.Task[Tokens]:
        """One renewal in this process, on its own: a customer's turn that is cut off must not take its answer along."""
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.create_task(self._renew(stale), name="schedly-sign-in")
            self._renewal.add_done_callback(_report)
        return self._renewal

    async def _await_renewal(self, stale: str) -> Tokens:
        if self._is_pausing():
            raise _tell_staff()
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                tokens = await asyncio.shield(self._start_renewal(stale))
                if tokens.access == stale:  # a renewal that began before ours, for somebody with an older token
                    tokens = await asyncio.shield(self._start_renewal(stale))
                return tokens
        except TimeoutError:
            raise TryAgain("sign-in takes long", source=SOURCE, verb="sign_in") from None

    async def _renew(self, stale: str) -> Tokens:
        """Tokens whose access token is not `stale`: somebody else's, else new ones."""
        token = uuid4().hex
        try:
            while not await self._redis.set(self._lock_name, token, nx=True, px=LOCK_KEPT):
                await asyncio.sleep(POLL.total_seconds())
                found = await self._load()
                if found is not None and self._is_good(found, stale):
                    self._own = found
                    return found
            return await self._renew_locked(stale)
        except REDIS_FAILURES as error:  # without the lock two of us would spend the same token
            raise TryAgain(type(error).__name__, source=SOURCE, verb="sign_in") from None
        finally:
            await self._unlock(token)

    async def _renew_locked(self, stale: str) -> Tokens:
        kept = self._own if self._is_unsaved else await self._load()
        if kept is not None and self._is_good(kept, stale):
            self._own = kept
            return kept
        seen = tuple(dict.fromkeys((self._digest, *(kept.seen if kept else ()))))[:MOST_SEEN]
        for refresh in self._list_candidates(kept):
            try:
                tokens = replace(await self._exchange(refresh), seen=seen)
            except _Spent:
                log.warning("schedly: a refresh token is not taken any more")
                continue
            await self._save(tokens)
            return tokens
        self._refused_until = asyncio.get_running_loop().time() + REFUSED_PAUSE.total_seconds()
        raise _tell_staff()

    def _is_good(self, tokens: Tokens, stale: str) -> bool:
        return tokens.access != stale and self._now() < tokens.renew_at and self._digest in tokens.seen

    def _list_candidates(self, kept: Tokens | None) -> list[str]:
        """A refresh token that is new in the settings first, else the newest of the chain; then what else there is."""
        chain = list(kept.refresh) if kept else []
        is_new = kept is None or self._digest not in kept.seen
        ordered = [self._settings.refresh_token, *chain] if is_new else [*chain, self._settings.refresh_token]
        return list(dict.fromkeys(ordered))[:CANDIDATES]

    async def _exchange(self, refresh: str) -> Tokens:
        """Spend a refresh token. A lost answer is asked for again: not every server lets the old one die at once."""
        settings = self._settings
        form = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": settings.client_id}
        call = Call(
            "sign_in",
            "POST",
            "/api/auth/oauth/refreshToken",
            f"oauth {settings.client_id}",
            form=form | {"client_secret": settings.client_secret},
            priority=Priority.CONFIRM,
            timeout=TIMEOUT,
        )
        try:
            answer = await self._http.send(call)
        except KeyRefused:  # invalid_client: no token will do
            raise CallStaff("client_id or client_secret refused", source=SOURCE, verb="sign_in") from None
        data = unwrap(answer.data)
        if answer.status >= 400:
            raise _judge(data)
        return self._read(data, refresh)

    def _read(self, data: Json, spent: str) -> Tokens:
        found: Mapping[str, Json] = data if isinstance(data, dict) else {}
        access, refresh = read_as_text(found.get("access_token")), read_as_text(found.get("refresh_token"))
        if not access:
            raise VendorChanged("no access_token", source=SOURCE, verb="sign_in")
        seconds = read_as_whole(found.get("expires_in")) or 0
        life = timedelta(seconds=seconds) if 0 < seconds <= 86_400 * 365 else LIFE
        chain = tuple(dict.fromkeys(token for token in (refresh, spent) if token))
        return Tokens(access, chain, self._now() + life * RENEWED_AT, self._now() + life, ())

    async def _unlock(self, token: str) -> None:
        try:
            if await self._redis.get(self._lock_name) == token.encode():
                await self._redis.delete(self._lock_name)
        except REDIS_FAILURES:
            return  # it lapses by itself


class _Spent(Exception):
    """`invalid_grant`: this refresh token is dead."""


def _judge(data: Json) -> Exception:
    code = read_as_text(data.get("error")) if isinstance(data, dict) else ""
    if code in ("invalid_client", "unauthorized_client", "not_approved", "client_not_found"):
        return CallStaff("client_id or client_secret refused", source=SOURCE, verb="sign_in")
    return _Spent()


def _tell_staff() -> CallStaff:
    return CallStaff("refresh token refused: sign in again and set a new refresh_token", source=SOURCE, verb="sign_in")


def _report(task: asyncio.Task[Tokens]) -> None:
    error = None if task.cancelled() else task.exception()
    if isinstance(error, FrontdeskError):
        log.warning("schedly: sign-in not renewed: %s", error)
    elif error is not None:
        log.error("schedly: sign-in not renewed: %s", type(error).__name__)


def _pack(tokens: Tokens) -> bytes:
    return orjson.dumps(
        {
            "access": tokens.access,
            "refresh": tokens.refresh,
            "renew_at": tokens.renew_at,
            "expires_at": tokens.expires_at,
            "seen": tokens.seen,
        }
    )


def _unpack(packed: bytes | str) -> Tokens | None:
    try:
        data = orjson.loads(packed)
        renew_at, expires_at = (datetime.fromisoformat(data[name]) for name in ("renew_at", "expires_at"))
        return Tokens(data["access"], tuple(data["refresh"]), renew_at, expires_at, tuple(data["seen"]))
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None  # written by another version of this program
