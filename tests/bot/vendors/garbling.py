"""Spoils JSON answers on their way: missing, null, of the wrong type, too much, cut short, HTML."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

TEXTS: tuple[Any, ...] = ("", "text", "0001-01-01", "{", "٣", "x" * 999)
RUBBISH: tuple[Any, ...] = (*TEXTS, None, 0, -1, 1.5, 10**30, True, False, [], [None], {}, {"id": None})
MISSING = object()


def garble(random: Random) -> Callable[[bytes], bytes]:
    """A change that may strike anywhere in an answer, the top more often than the depths."""
    seed, kind = random.random(), random.random()

    def change(body: bytes) -> bytes:
        here = Random(seed)
        if kind < 0.03:
            return b"<html><body>Bad gateway</body></html>"
        if kind < 0.06:
            return body[: here.randrange(len(body) + 1)]
        data = json.loads(body)
        places = _list_places(data)
        if kind < 0.1 or not places:
            return json.dumps(here.choice(RUBBISH)).encode()
        for _ in range(here.choice((1, 1, 2, 5))):
            container, key = here.choice(places[: here.choice((5, 20, len(places)))])
            _spoil(container, key, here.choice((MISSING, *RUBBISH)))
        return json.dumps(data).encode()

    return change


def _list_places(data: Any) -> list[tuple[Any, Any]]:
    """Every container and key inside, depth first."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [place for key, value in items for place in ((data, key), *_list_places(value))]


def _spoil(container: Any, key: Any, value: Any) -> None:
    if isinstance(container, dict):
        if value is MISSING:
            container.pop(key, None)
        else:
            container[key] = value
            container[f"{key}New"] = value
    elif key < len(container):
        container[key : key + 1] = [] if value is MISSING else [value]
