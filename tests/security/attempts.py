"""Deliveries with and without proof of their sender: routes, methods, headers, frames."""

import gzip
import random
import zlib
from dataclasses import dataclass

from bot.inbox.server import BODY_LIMIT
from tests.security.lodge import CLINIC_SECRET, HARBOUR_SECRET, OLD_SECRET, RETIRED_SECRET, SECRETS
from tests.security.mutate import mutate
from tests.security.shapes import Shapes
from tests.security.wire import Request, build

HEADER = "X-Telegram-Bot-Api-Secret-Token"
METHODS = ("GET", "HEAD", "POST", "POST", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "FOO", "get")
PATHS = (
    *(
        "/telegram/harbour",
        "/telegram/clinic",
        "/telegram/nobody",
        "/telegram/",
        "/telegram",
        "/telegram/harbour/",
        "/Telegram/harbour",
    ),
    *(
        "/telegram/harbour?secret=x",
        "/telegram/harbour%00",
        "/telegram/%68arbour",
        "/telegram/harbour%2f..",
        "/telegram/../metrics",
    ),
    *(
        "//telegram/harbour",
        "/telegram/harbour;a=b",
        "/telegram/" + "a" * 7000,
        "/telegram/%ff%fe",
        "/telegram/ü",
        "/telegram/\udcff",
    ),
    *(
        "/whatsapp/harbour",
        "/vendor/harbour",
        "/healthz",
        "/readyz",
        "/metrics",
        "/",
        "/healthz/",
        "/metrics?a[]=%zz",
        "/favicon.ico",
    ),
    *(
        "*",
        "http://other.example/telegram/harbour",
        "/control/telegram/bots",
        "/telegram/{business}",
        "/.env",
        "/%2e%2e/%2e%2e/etc/passwd",
    ),
)
TYPES = (
    "application/json",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "x",
    "",
    "a/b; c=\x7f",
)
WRONG = (
    *("", "wrong", HARBOUR_SECRET[:-1], HARBOUR_SECRET + "x", HARBOUR_SECRET.upper(), RETIRED_SECRET, " ", "null", "*"),
    *("ü", "\x01", HARBOUR_SECRET + ", " + CLINIC_SECRET, "a" * 5000),
)
"""Proves nothing to either business."""
FOREIGN = {"harbour": CLINIC_SECRET, "clinic": HARBOUR_SECRET}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request, and what may come of it."""

    request: Request
    has_proof: bool


class Attempts:
    """Makes one attempt after the other, the same for the same seed."""

    def __init__(self, dice: random.Random, shapes: Shapes) -> None:
        self._dice = dice
        self._shapes = shapes

    def with_proof(self) -> Attempt:
        """From the platform, but broken."""
        way = self._dice.random()
        business = "harbour" if self._dice.random() < 0.9 else "clinic"
        secret = OLD_SECRET if business == "harbour" and self._dice.random() < 0.1 else SECRETS[business]
        if way < 0.02:
            return Attempt(self._misframe(business, secret), has_proof=True)
        if way < 0.0205:
            return Attempt(self._post(business, {HEADER: secret}, self._huge()), has_proof=True)
        headers = {HEADER if self._dice.random() < 0.9 else HEADER.lower(): secret}
        return Attempt(self._post(business, headers, mutate(self._shapes.make(), self._dice, whole=0.5)), has_proof=True)

    def without_proof(self) -> Attempt:
        """From anybody."""
        way = self._dice.random()
        business = self._dice.choice(("harbour", "harbour", "clinic"))
        if way < 0.5:
            return Attempt(self._post(business, self._forge(business), mutate(self._shapes.make(), self._dice)), has_proof=False)
        if way < 0.501:
            return Attempt(self._post(business, self._forge(business), self._huge()), has_proof=False)
        if way < 0.85:
            body = mutate(self._shapes.make(), self._dice) if self._dice.random() < 0.5 else b""
            path, method = self._dice.choice(PATHS), self._dice.choice(METHODS)
            return Attempt(build(method, path, self._forge(), body), has_proof=False)
        if way < 0.93:
            return Attempt(self._misframe(business, self._dice.choice(WRONG)), has_proof=False)
        return Attempt(Request(self._scribble(business), is_last=True), has_proof=False)

    def _forge(self, business: str = "") -> dict[str, str | bytes]:
        """Headers that prove nothing to this business; without one, to none."""
        match self._dice.randrange(8):
            case 0 | 1:
                return {}
            case 2 if business:
                return {HEADER: FOREIGN[business]}
            case 3:
                return {"X-Telegram-Bot-Api-Secret": HARBOUR_SECRET, "Authorization": f"Bearer {HARBOUR_SECRET}"}
            case 4:
                return {HEADER: self._dice.choice((b"\xff\xfe", b"\xed\xa0\x80", "ü".encode("latin-1")))}
            case _:
                return {HEADER: self._dice.choice([one for one in WRONG if "\x01" not in one])}

    def _post(self, business: str, headers: dict[str, str | bytes] | dict[str, str], body: bytes) -> Request:
        named: dict[str, str | bytes] = {**headers, "Content-Type": self._dice.choice(TYPES[:6])}
        return build("POST", f"/telegram/{business}", named, body, is_chunked=self._dice.random() < 0.1)

    def _huge(self) -> bytes:
        """Around the limit, as one long text and as blanks."""
        size = BODY_LIMIT + self._dice.choice((-1, 0, 1, 100_000))
        if self._dice.random() < 0.5:
            return b" " * size
        head = b'{"update_id": 1, "message": {"text": "'
        return head + b"a" * (size - len(head) - 3) + b'"}}'

    def _misframe(self, business: str, secret: str) -> Request:
        """A delivery whose frame does not say what it should."""
        start = f"POST /telegram/{business} HTTP/1.1\r\nHost: desk\r\n{HEADER}: ".encode() + secret.encode() + b"\r\n"
        body = mutate(self._shapes.make(), self._dice)
        length = b"Content-Length: %d\r\n" % len(body)
        frames = (
            b"Content-Length: %d\r\n\r\n%s" % (len(body) + 50, body),
            b"Content-Length: %d\r\n\r\n%s" % (len(body) // 2, body),
            b"Content-Length: -1\r\n\r\n" + body,
            b"Content-Length: 1e3\r\n\r\n" + body,
            b"Content-Length: 999999999999999999999\r\n\r\n" + body,
            length + b"Content-Length: 3\r\n\r\n" + body,
            length + b"Transfer-Encoding: chunked\r\n\r\n" + body,
            b"Transfer-Encoding: chunked\r\n\r\n" + body,
            b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + body,
            b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n" + body,
            b"Transfer-Encoding: chunked\r\n\r\n5\r\nab\r\n0\r\n\r\n",
            b"Transfer-Encoding: chunked\r\n\r\n3\r\n{}\n\r\n",
            b"Transfer-Encoding: gzip, chunked\r\n\r\n" + body,
            b"Transfer-Encoding: xchunked\r\n\r\n" + body,
            b"Content-Encoding: gzip\r\n" + length + b"\r\n" + body,
            b"Content-Encoding: deflate\r\n" + length + b"\r\n" + body,
            b"Content-Encoding: br\r\n" + length + b"\r\n" + body,
            b"Content-Encoding: zstd\r\n" + length + b"\r\n" + body,
            b"Content-Encoding: x-made-up\r\n" + length + b"\r\n" + body,
            _pack(b"gzip", gzip.compress(body)),
            _pack(b"gzip", gzip.compress(body)[:-9]),
            _pack(b"deflate", zlib.compress(body)),
            _pack(b"gzip", _BOMB),
            b"Expect: 100-continue\r\n" + length + b"\r\n" + body,
            b"Expect: a-miracle\r\n" + length + b"\r\n" + body,
            b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n" + length + b"\r\n" + body,
            b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
            + length
            + b"\r\n"
            + body,
            HEADER.encode() + b": second\r\n" + length + b"\r\n" + body,
            b"X: " + b"a" * 100_000 + b"\r\n" + length + b"\r\n" + body,
            b"X: a\r\n" * 5000 + length + b"\r\n" + body,
            b"Cookie: " + b"a=b; " * 500 + b"\r\n" + length + b"\r\n" + body,
            b"Content-Type: application/json; charset=made-up\r\n" + length + b"\r\n" + body,
            b"Connection: close\r\n" + length + b"\r\n" + body,
            b"Host: other\r\n" + length + b"\r\n" + body,
        )
        return Request(start + self._dice.choice(frames), is_last=True)

    def _scribble(self, business: str) -> bytes:
        """Not HTTP, or nearly."""
        line = f"POST /telegram/{business} HTTP/1.1\r\n".encode()
        texts = (
            b"",
            b"\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + self._dice.randbytes(200),
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            b"SSH-2.0-OpenSSH_9.6\r\n",
            b"GET /healthz\r\n\r\n",
            b"GET  /healthz HTTP/1.1\r\n\r\n",
            b"GET /healthz HTTP/9.9\r\n\r\n",
            b"GET /healthz HTTP/1.0\r\n\r\n",
            b"GET /healthz HTTP/1.1\r\n\r\n",
            b"GET /healthz HTTP/1.1\nHost: desk\n\n",
            b"GET /health\x00z HTTP/1.1\r\nHost: desk\r\n\r\n",
            b"GET /\xff\xfe HTTP/1.1\r\nHost: desk\r\n\r\n",
            b"GET http://[::1/ HTTP/1.1\r\nHost: desk\r\n\r\n",
            b"GET /" + b"a" * 50_000 + b" HTTP/1.1\r\nHost: desk\r\n\r\n",
            b"CONNECT desk:443 HTTP/1.1\r\nHost: desk\r\n\r\n",
            b"OPTIONS * HTTP/1.1\r\nHost: desk\r\n\r\n",
            line + b"Host: desk\r\nno colon here\r\n\r\n",
            line + b"Host: desk\r\n: empty\r\n\r\n",
            line + b"Host: desk\r\nX Y: space\r\n\r\n",
            line + b"Host: desk\r\nX: a\r\n folded\r\nContent-Length: 2\r\n\r\n{}",
            line + b"Host: desk\r\nX: \x00\x01\r\nContent-Length: 2\r\n\r\n{}",
            line + f"Host: desk\r\n{HEADER}: \x00{SECRETS[business]}\r\n\r\n".encode(),
            line + f"Host: desk\r\n{HEADER} : {SECRETS[business]}\r\nContent-Length: 2\r\n\r\n{{}}".encode(),
            line + b"Host: desk\r\n",
            line[: self._dice.randrange(len(line))],
            b"GET /healthz HTTP/1.1\r\nHost: desk\r\n\r\n" * 30,
            self._dice.randbytes(self._dice.randrange(1, 300)),
        )
        return self._dice.choice(texts)


def _pack(kind: bytes, body: bytes) -> bytes:
    return b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n%s" % (kind, len(body), body)


_BOMB = gzip.compress(b" " * (64 * 1024 * 1024))
"""Small on the way, 64 MiB when unpacked."""
