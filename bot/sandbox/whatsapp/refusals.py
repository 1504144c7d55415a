"""How the Graph API says no (whatsapp.md section 11): a code to decide on, words for people."""

from typing import Any

TITLES = {
    0: "AuthException",
    4: "API Too Many Calls",
    100: "Invalid parameter",
    190: "Invalid OAuth access token",
    2200: "Callback verification failed",
    130429: "Rate limit hit",
    131000: "Something went wrong",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131026: "Message undeliverable",
    131047: "Re-engagement message",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    132001: "Template does not exist",
}


class Refused(Exception):
    """A call that is answered with `error`."""

    def __init__(self, code: int, details: str, *, status: int = 400, subcode: int = 0, retry_after: int = 0) -> None:
        """`retry_after`: seconds of a `Retry-After` header; 0: none."""
        super().__init__(details)
        self.code = code
        self.details = details
        self.status = status
        self.subcode = subcode
        self.retry_after = retry_after

    @property
    def title(self) -> str:
        return f"(#{self.code}) {TITLES.get(self.code, 'Error')}"

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {
            "message": self.title,
            "type": "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "fbtrace_id": "Sandbox",
        }
        if self.subcode:
            error["error_subcode"] = self.subcode
        return {"error": error}


def refuse_value(details: str) -> Refused:
    return Refused(131009, details)


def refuse_missing(name: str) -> Refused:
    return Refused(131008, f"{name} is missing")


def refuse_unknown(what: str) -> Refused:
    """An object that does not exist, or is not for this token."""
    return Refused(100, f"{what} does not exist or is not accessible", subcode=33)
