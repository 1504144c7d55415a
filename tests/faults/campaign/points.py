"""The crash matrix: every place between two side effects at which a process can die, as far as there are vendors for it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from tests.bot.inbox.proxy import Command

# Where a commit's arguments stand behind its keys (commit.lua).
_EATEN, _MODE, _INTENT = 6, 8, 9

Check = Callable[[list[bytes]], bool]
"""Whether these arguments of a script are the ones meant."""


@dataclass(frozen=True, slots=True)
class Point:
    """One place to die at, named as the row of the matrix: what was done last / what would have come next."""

    name: str
    role: Literal["web", "worker"]
    where: Literal["redis", "http"]
    what: str
    """The script, or the operation at Telegram or the vendor."""
    when: Literal["before", "after"]
    check: Check = lambda arguments: True
    applies_late: bool = False
    """What was under way arrives when somebody else is already at it."""
    pauses: bool = False
    """The process is stopped beyond its lease and wakes, instead of being killed."""


def _is_plain(arguments: list[bytes]) -> bool:
    return arguments[_EATEN] != b"0" and arguments[_MODE] == b"keep"


def _is_intent(arguments: list[bytes]) -> bool:
    return arguments[_EATEN] != b"0" and arguments[_MODE] == b"set" and bool(arguments[_INTENT])


def _is_outcome(arguments: list[bytes]) -> bool:
    return arguments[_EATEN] == b"0" and arguments[_MODE] == b"set" and not arguments[_INTENT]


KILLED_AT = (
    Point("webhook received / enqueue", "web", "redis", "enqueue", "before"),
    Point("enqueue / 200", "web", "redis", "enqueue", "after"),
    Point("claim / decide", "worker", "redis", "claim", "after"),
    Point("decide / commit", "worker", "redis", "commit", "before", _is_plain),
    Point("commit / its answer", "worker", "redis", "commit", "after", _is_plain),
    Point("commit / send", "worker", "http", "send", "before"),
    Point("send / its answer", "worker", "http", "send", "after"),
    Point("answer of send / sent", "worker", "redis", "sent", "before"),
    Point("sent / its answer", "worker", "redis", "sent", "after"),
    Point("intent committed / first call", "worker", "redis", "commit", "after", _is_intent),
    Point("guest and draft / reserve", "worker", "http", "reserve", "before"),
    Point("reserve applied / its answer", "worker", "http", "reserve", "after"),
    Point("reserve / confirm", "worker", "http", "confirm", "before"),
    Point("confirm under way, applied late", "worker", "http", "confirm", "before", applies_late=True),
    Point("confirm applied / its answer", "worker", "http", "confirm", "after"),
    Point("answer of confirm / commit", "worker", "redis", "commit", "before", _is_outcome),
    Point("outcome committed / its answer", "worker", "redis", "commit", "after", _is_outcome),
    Point("look / what it showed", "worker", "http", "look", "after"),
    Point("outcome / staff line passed on", "worker", "redis", "enqueue", "before"),
    Point("staff line passed on / sent", "worker", "redis", "enqueue", "after"),
)
PAUSED_AT = (
    Point("paused before a commit, wakes", "worker", "redis", "commit", "before", pauses=True, applies_late=True),
    Point("paused in a confirm, wakes", "worker", "http", "confirm", "before", pauses=True, applies_late=True),
)
POINTS = (*KILLED_AT, *PAUSED_AT)


def matcher(point: Point, shas: Mapping[str, str]) -> Callable[[Command], bool]:
    """Finds the point's script among the commands that a process sends."""
    sha = shas[point.what].encode()

    def matches(command: Command) -> bool:
        return len(command) > 3 and command[0] == b"EVALSHA" and command[1] == sha and point.check(_arguments(command))

    return matches


def read_conversation(command: Command) -> str:
    """Whose mailbox a script is about: its first argument."""
    return _arguments(command)[0].decode()


def _arguments(command: Command) -> list[bytes]:
    return command[3 + int(command[2]) :]
