"""Who proves to be Meta: the webhook's signature and the handshake (whatsapp.md sections 1 and 2)."""

import hmac
from collections.abc import Iterable, Mapping

SIGNATURE_HEADER = "X-Hub-Signature-256"
_SCHEME = "sha256="
_LONGEST_CHALLENGE = 200
"""Meta sends a number of about ten digits."""


def sign(secret: bytes, body: bytes) -> str:
    """The header's value for these very bytes."""
    return _SCHEME + hmac.new(secret, body, "sha256").hexdigest()


def is_signed(secrets: Iterable[bytes], body: bytes, headers: Mapping[str, str]) -> bool:
    """Over the raw bytes as they came: written anew, they would differ wherever Meta escapes. Compares in constant time."""
    given = headers.get(SIGNATURE_HEADER, "").encode("utf-8", "surrogatepass")
    return sum(hmac.compare_digest(given, sign(secret, body).encode()) for secret in secrets) > 0  # all of them: constant time


def answer_challenge(token: str, query: Mapping[str, str]) -> str | None:
    """What the handshake is answered with, or None where it is not Meta's."""
    given, challenge = query.get("hub.verify_token", ""), query.get("hub.challenge", "")
    is_ours = hmac.compare_digest(given.encode("utf-8", "surrogatepass"), token.encode()) and bool(token)
    is_sound = challenge.isascii() and challenge.isalnum() and len(challenge) <= _LONGEST_CHALLENGE
    return challenge if is_ours and is_sound and query.get("hub.mode") == "subscribe" else None
