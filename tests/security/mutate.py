"""Breaks a JSON value or its bytes in one of many ways."""

import gzip
import random
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

Json = Any


class Raw(NamedTuple):
    """A token that stands in the text as it is, whether JSON allows it or not."""

    text: str


ODD: tuple[Json, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, 2**63, -(2**63) - 1, 2**64),
    *(Raw("1" * 400), Raw("-" + "9" * 5000), Raw("1e999"), Raw("1.5"), Raw("5001.0"), Raw("-0"), Raw("NaN"), Raw("Infinity")),
    *(
        "",
        "0",
        "5001",
        "-5001",
        "null",
        "a" * 5000,
        "\U0001f642" * 100,
        "\u202e\u2066\u200b",
        "\x00",
        "\x1b[31m",
        "e" + "\u0301" * 100,
    ),
    *(Raw('"\\ud800"'), Raw('"\\udc00x"'), Raw('"\\u0000"'), Raw('"\\x"'), Raw('"\n"'), Raw("'a'"), Raw("01"), Raw("{,}")),
    *([], {}, [[]], [{}], {"id": {}}, [None] * 50, Raw("[" * 60 + "]" * 60), Raw('{"a":' * 150 + "1" + "}" * 150)),
    *(
        "private",
        "channel",
        "../../etc/passwd",
        "%s%n",
        "{0}",
        "${jndi:ldap://x}",
        "'; DROP",
        "harbour:telegram:1",
        "{fd0}:due",
        "a b",
    ),
)
"""Values where none of them is expected."""


def mutate(value: Json, dice: random.Random, *, whole: float = 0.15) -> bytes:
    """The value's text, broken in its structure or in its bytes; now and then whole."""
    way = dice.random()
    if way < whole:
        return write(value)
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        value = _break_value(value, dice)
    body = write(value)
    return body if way < 0.8 else _break_bytes(body, dice)


def write(value: Json) -> bytes:
    """JSON, with raw tokens put in."""
    return _write(value).encode("utf-8", "surrogatepass")


def _write(value: Json) -> str:
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, dict):
        return "{" + ",".join(f"{_write(key)}:{_write(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_write, value)) + "]"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return orjson.dumps(value).decode()


def _break_value(value: Json, dice: random.Random) -> Json:
    """A copy with one place changed."""
    places = list(_walk(value, ()))
    if not places:
        return dice.choice(ODD)
    path = dice.choice(places)
    way = dice.choices(("odd", "gone", "extra", "moved", "twice"), (60, 20, 8, 8, 4))[0]
    other = _find(value, dice.choice(places))
    return _change(value, path, way=way, odd=dice.choice(ODD), other=other)


def _walk(value: Json, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in inner:
        if isinstance(key, str | int):
            yield (*path, key)
            yield from _walk(child, (*path, key))


def _find(value: Json, path: tuple[str | int, ...]) -> Json:
    for part in path:
        value = value[part]
    return value


def _change(value: Json, path: tuple[str | int, ...], *, way: str, odd: Json, other: Json) -> Json:
    copy: Json = dict(value) if isinstance(value, dict) else list(value)
    part, rest = path[0], path[1:]
    if rest:
        copy[part] = _change(value[part], rest, way=way, odd=odd, other=other)
    elif way == "odd":
        copy[part] = odd
    elif way == "gone":
        del copy[part]
    elif way == "moved":
        copy[part] = other
    elif way == "extra" or isinstance(copy, list):
        copy = [*copy, odd] if isinstance(copy, list) else {**copy, "surprise": odd}
    else:
        copy[Raw(orjson.dumps(part).decode())] = odd  # the same key twice
    return copy


def _break_bytes(body: bytes, dice: random.Random) -> bytes:  # noqa: C901  one case for each way
    at = dice.randrange(len(body) + 1)
    match dice.randrange(12):
        case 0 | 1:
            return body[:at]
        case 2:
            return body[at:]
        case 3:
            return body[:at] + dice.randbytes(dice.randrange(1, 8)) + body[at:]
        case 4:
            flipped = bytearray(body or b"0")
            flipped[at % len(flipped)] ^= 1 << dice.randrange(8)
            return bytes(flipped)
        case 5:
            return body[:at] + dice.choice((b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5", b"\x00", b"\xe2\x80")) + body[at:]
        case 6:
            return dice.choice(
                (b"\xef\xbb\xbf" + body, body.decode("utf-8", "replace").encode("utf-16"), b"\n\t " + body + b"\x00")
            )
        case 7:
            return body + body
        case 8:
            return dice.choice((b"[", b'{"a":', b"[{", b'"')) * dice.choice((100, 10_000, 100_000))
        case 9:
            return b'{"update_id": ' + b"1" * dice.choice((20, 5_000, 100_000)) + b"}"
        case 10:
            return dice.choice((b"", b"null", b"[]", b"0", b'""', b"update_id=1&message=2", b"<xml/>", gzip.compress(body)))
        case _:
            return dice.randbytes(dice.randrange(200))
