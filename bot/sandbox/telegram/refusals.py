"""How the Bot API says no: status, description and parameters."""

from typing import Any


class Refused(Exception):
    """A call that is answered with `ok: false`."""

    def __init__(self, status: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


def refuse_request(reason: str, **parameters: Any) -> Refused:
    """The caller's own mistake."""
    return Refused(400, f"Bad Request: {reason}", **parameters)


def refuse_access(reason: str) -> Refused:
    """The chat does not want the bot."""
    return Refused(403, f"Forbidden: {reason}")


def refuse_conflict(reason: str) -> Refused:
    """Webhook and polling exclude each other."""
    return Refused(409, f"Conflict: {reason}")


def refuse_flood(seconds: int) -> Refused:
    """Too fast; `seconds` as in `parameters.retry_after`."""
    return Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
