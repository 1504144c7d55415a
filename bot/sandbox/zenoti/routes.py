"""Which path is which operation. Paths are matched in any case (§1)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from bot.sandbox.zenoti.call import Call, Json

Handler = Callable[[Call], Json | list[Json]]
ErrorGroup = Literal["booking", "write", "catalogue"]
"""Which switches decide on an operation's error casing and status."""


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint."""

    method: str
    pattern: re.Pattern[str]
    operation: str
    group: ErrorGroup
    handler: Handler
    failed: Json
    """What stands beside the error in a refusal."""


def make_route(line: str, operation: str, group: ErrorGroup, handler: Handler, failed: Json | None = None) -> Route:
    """`line` is `GET /v1/centers/{center_id}`."""
    method, path = line.split(" ")
    pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)
    return Route(method, re.compile(pattern + "/?"), operation, group, handler, failed or {})


def find_route(routes: list[Route], method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The endpoint and its path ids in lower case."""
    for route in routes:
        match = route.pattern.fullmatch(path.lower())
        if match is not None and route.method == method:
            return route, match.groupdict()
    return None
