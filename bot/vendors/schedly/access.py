"""How a call proves whose it is: an API key, or an OAuth token that is renewed, with the key to fall back on."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot.errors import CallStaff
from bot.vendors.schedly.tokens import TokenKeeper

Headers = Mapping[str, str]


class Access(Protocol):
    """One way in."""

    @property
    def account(self) -> str:
        """Whose quota is spent. Never logged."""

    async def get(self) -> Headers:
        """Headers for a call. Raises `CallStaff`, `TryAgain`."""

    async def replace(self, refused: Headers, *, is_new: bool) -> Headers | None:
        """Other headers after these were refused with 401; None if there are no others. Raises like `get`.

        `is_new`: those refused had just been handed out by `replace` themselves.
        """

    def list_gaps(self) -> tuple[str, ...]:
        """What the owner should know of it, after a call was made."""


@dataclass(frozen=True, slots=True)
class KeyAccess:
    """`cal-api-key`, which lives until it is revoked."""

    key: str = field(repr=False)

    @property
    def account(self) -> str:
        return self.key

    async def get(self) -> Headers:
        return {"cal-api-key": self.key}

    async def replace(self, refused: Headers, *, is_new: bool) -> Headers | None:
        return None

    def list_gaps(self) -> tuple[str, ...]:
        return ()


@dataclass(slots=True)
class TokenAccess:
    """A bearer token. Where no token is to be had any more, or none is taken, the key opens the door."""

    keeper: TokenKeeper
    account: str = field(repr=False)
    fallback: KeyAccess | None = None
    _is_useless: bool = False
    """Even a new token was refused: whether the services take bearer tokens at all is implied, not said (section 2.2)."""
    _is_fallen_back: bool = False

    async def get(self) -> Headers:
        if self._is_useless and self.fallback:
            return await self.fallback.get()
        return await self._try(self.keeper.get())

    async def replace(self, refused: Headers, *, is_new: bool) -> Headers | None:
        scheme, _, token = refused.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            return None
        if is_new:
            self._is_useless = True
            return await self.fallback.get() if self.fallback else None
        return await self._try(self.keeper.replace(token))

    def list_gaps(self) -> tuple[str, ...]:
        if self.fallback is None:
            return ("OAuth without an api_key: should a renewed token ever get lost, somebody has to sign in again",)
        if self._is_useless or self._is_fallen_back:
            return ("OAuth is refused and the api_key used instead: sign in again and set a new refresh_token",)
        return ()

    async def _try(self, token: Awaitable[str]) -> Headers:
        try:
            headers = _bear(await token)
        except CallStaff:
            if self.fallback is None:
                raise
            self._is_fallen_back = True
            return await self.fallback.get()
        self._is_fallen_back = False
        return headers


def _bear(token: str) -> Headers:
    return {"Authorization": f"Bearer {token}"}
