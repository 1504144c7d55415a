"""API keys and OAuth tokens (§2): which open which business, and refresh tokens that die with their use."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sandbox.salon import BUSINESSES, KEY_HARBOUR, KEY_RIVERSIDE
from bot.sandbox.schedly.switches import Switches
from bot.sandbox.schedly.wire import Json, Refusal

CLIENT_ID = "demo-client"
CLIENT_SECRET = "demo-client-secret"  # noqa: S105  opens nothing but the sandbox
REFRESH_TOKENS = {KEY_HARBOUR: "rt_live_demo", KEY_RIVERSIDE: "rt_live_demo_clinic"}
"""By API key: what a consent of each business led to."""


class TokenRefusal(Exception):
    """Refused as RFC 6749 has it (§2.2, inferred)."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code

    def show(self) -> Json:
        return {"error": self.code}


@dataclass(slots=True)
class _Access:
    key: str
    expires_at: datetime


class SignIn:
    """Tokens given out. An account is named by its API key."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self.reset()

    def reset(self) -> None:
        self._count = 0
        self._access: dict[str, _Access] = {}
        self._refresh = {token: key for key, token in REFRESH_TOKENS.items()}
        self._used: dict[str, tuple[str, datetime]] = {}

    def revoke(self) -> None:
        """Every token is refused from now on, as after the owner took the consent back."""
        self._access.clear()
        self._refresh.clear()
        self._used.clear()

    def expire(self) -> None:
        """Every access token has run out; refresh tokens live."""
        self._access.clear()

    def consent(self, key: str) -> str:
        """A refresh token as after a new consent."""
        self._count += 1
        token = f"rt_live_{self._count}_{key}"
        self._refresh[token] = key
        return token

    def admit(self, headers: dict[str, str], now: datetime) -> str:
        """The account that a call's headers open. Raises `Refusal` 401."""
        key = headers.get("cal-api-key", "").strip()
        if key in BUSINESSES:
            return key
        scheme, _, token = headers.get("authorization", "").partition(" ")
        found = self._access.get(token.strip()) if scheme.lower() == "bearer" and self._switches.accepts_bearer else None
        if found is None or now >= found.expires_at:
            raise Refusal(401, "UNAUTHORIZED", "Invalid or missing credentials")
        return found.key

    def renew(self, form: dict[str, str], now: datetime) -> Json:
        """`POST /api/auth/oauth/refreshToken`. Raises `TokenRefusal`."""
        if form.get("client_id") != CLIENT_ID or form.get("client_secret") != CLIENT_SECRET:
            raise TokenRefusal(401, "invalid_client")
        if form.get("grant_type") != "refresh_token" or not form.get("refresh_token"):
            raise TokenRefusal(400, "invalid_request")
        spent = form["refresh_token"]
        key = self._refresh.get(spent) or self._find_used(spent, now)
        if not key:
            raise TokenRefusal(400, "invalid_grant")
        fresh = spent
        if self._switches.refresh_rotates:
            fresh = self.consent(key)
            self._refresh.pop(spent, None)
            self._used.setdefault(spent, (key, now))
        life = self._switches.token_seconds
        access = f"eyJ{self._count}.{len(self._access)}.{key}"
        self._access[access] = _Access(key, now + timedelta(seconds=life))
        return {"access_token": access, "refresh_token": fresh, "token_type": "Bearer", "expires_in": life}

    def _find_used(self, token: str, now: datetime) -> str:
        key, used_at = self._used.get(token, ("", now))
        grace = timedelta(seconds=self._switches.refresh_grace_seconds)
        return key if key and now < used_at + grace else ""
