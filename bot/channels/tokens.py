"""What a button carries: step and value, signed for one chat, readable by nobody's leave but ours.

A token needs no table: it costs no memory and is valid for as long as its secret is accepted.

    mac (12) | step (1-10) | ":" | value, every GUID in it packed from 36 characters to 23

The mac is a keyed BLAKE2b of 72 bits over the chat and everything that follows, so a token shown in one chat proves
nothing in another, and one of another account, with its other secret, proves nothing here.

Rotation: hand the old secrets in as `previous`. They open tokens, they no longer seal them; leave them in for as long
as old buttons shall work.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from hashlib import blake2b
from hmac import compare_digest
from uuid import UUID

MAX_TOKEN_BYTES = 64
"""Telegram's limit for `callback_data`, in bytes of UTF-8 (Bot API, InlineKeyboardButton). WhatsApp allows 256."""

_MAC_BYTES = 9
"""Nine bytes are exactly twelve base64 characters: no spare bits, one spelling only."""
_MAC_LENGTH = 12

_STEP = re.compile(r"[!-9;-~]{1,10}")
"""Visible ASCII without the colon."""
_GUID = re.compile(r"~|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PACKED = re.compile(r"~(~|[A-Za-z0-9_-]{22})")


def derive_secret(token: str, account: str) -> bytes:
    """The key of one business account's buttons, from its platform token and its slug."""
    key = blake2b(token.encode()).digest()
    return blake2b(account.encode(), key=key, person=b"frontdesk button", digest_size=32).digest()


class TokenCodec:
    """Seals what a button says and opens what a tap sends back."""

    def __init__(self, secret: bytes, *, previous: Iterable[bytes] = ()) -> None:
        keys = (secret, *previous)
        if not all(keys):
            raise ValueError("a button secret is empty")
        self._macs = tuple(blake2b(key=key, person=b"frontdesk token", digest_size=_MAC_BYTES) for key in keys)

    def seal(self, chat: str, step: str, value: str) -> str:
        """At most `MAX_TOKEN_BYTES` bytes of UTF-8. Raises ValueError for what does not fit."""
        if not _STEP.fullmatch(step):
            raise ValueError(f"step {step!r} is not 1 to 10 visible ASCII characters without a colon")
        body = f"{step}:{_GUID.sub(_pack, value)}"
        if len(body.encode()) > MAX_TOKEN_BYTES - _MAC_LENGTH:
            raise ValueError(f"the value of a button of step {step!r} is too long")
        return self._sign(0, chat, body) + body

    def open(self, chat: str, token: str) -> tuple[str, str] | None:
        """Step and value as sealed for this chat, or None for anything we have not sealed for it."""
        mac, body = token[:_MAC_LENGTH], token[_MAC_LENGTH:]
        given = mac.encode("utf-8", "surrogatepass")
        if not any(compare_digest(given, self._sign(age, chat, body).encode()) for age in range(len(self._macs))):
            return None
        step, _, packed = body.partition(":")
        return step, (_PACKED.sub(_unpack, packed) if "~" in packed else packed)

    def _sign(self, age: int, chat: str, body: str) -> str:
        mac = self._macs[age].copy()
        mac.update(f"{len(chat)}:{chat}:{body}".encode("utf-8", "surrogatepass"))
        return urlsafe_b64encode(mac.digest()).decode()


def _pack(found: re.Match[str]) -> str:
    text = found.group()
    return "~~" if text == "~" else "~" + urlsafe_b64encode(UUID(text).bytes).decode()[:22]


def _unpack(found: re.Match[str]) -> str:
    text = found.group(1)
    return "~" if text == "~" else str(UUID(bytes=urlsafe_b64decode(text + "==")))
