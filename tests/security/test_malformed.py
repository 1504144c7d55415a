"""Requests that are no HTTP, or not what their headers say: refused, and never quoted in the log."""

import asyncio
import gzip

from tests.security.attempts import HEADER
from tests.security.keyspace import take_picture
from tests.security.leaks import Private, find_leaks
from tests.security.lodge import ALL_SECRETS, HARBOUR_SECRET, open_lodge
from tests.security.wire import Line, Request

START = f"POST /telegram/harbour HTTP/1.1\r\nHost: desk\r\n{HEADER}: {HARBOUR_SECRET}\r\n".encode()
LETTER = b'{"update_id": 1, "note": "Quintessa Nightingale"}'
PRIVATE = Private(secrets=ALL_SECRETS, words=["Quintessa Nightingale"])


MALFORMED = {
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03Quintessa Nightingale\r\n\r\n", 400),
    "blank before the colon": (START.replace(b"Token:", b"Token :") + b"Content-Length: 2\r\n\r\n{}", 400),
    "NUL in the secret": (START.replace(b"Token: ", b"Token: \x00") + b"Content-Length: 2\r\n\r\n{}", 400),
    "no header": (START + b"Quintessa Nightingale\r\n\r\n", 400),
    "negative length": (START + b"Content-Length: -1\r\n\r\n" + LETTER, 400),
    "two lengths": (START + b"Content-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n" + LETTER, 400),
    "no chunk": (START + b"Transfer-Encoding: chunked\r\n\r\nQuintessa Nightingale\r\n", 400),
    "not packed": (START + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(LETTER), LETTER), 400),
    "hung up": (START + b"Content-Length: 500\r\n\r\n" + LETTER, 0),
}
"""Each with the status of its answer; 0: the client was gone."""


def test_a_malformed_request_is_refused_and_not_quoted() -> None:
    async def scenario() -> None:
        async with open_lodge() as lodge:
            before = await take_picture(lodge.redis)
            line = Line(lodge.child.port)
            for name, (raw, status) in MALFORMED.items():
                assert await line.send(Request(raw, is_last=True)) == status, name
                assert await line.send(Request(b"GET /healthz HTTP/1.1\r\nHost: desk\r\n\r\n")) == 200
            await line.close()
            assert before.changes_to(await take_picture(lodge.redis)) == []
            log = lodge.child.read_log()
            assert find_leaks(log, PRIVATE) == []
            assert "Traceback" not in log
            assert "ERROR" not in log

    asyncio.run(scenario())


def test_a_small_body_that_unpacks_to_a_large_one_is_too_large() -> None:
    async def scenario() -> None:
        async with open_lodge() as lodge:
            bomb = gzip.compress(b" " * (64 * 1024 * 1024))
            line = Line(lodge.child.port)
            raw = START + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(bomb), bomb)
            assert await line.send(Request(raw, is_last=True)) == 413
            await line.close()

    asyncio.run(scenario())
