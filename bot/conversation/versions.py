"""Which version of each kind of record this code writes, and how one of an older version is brought up to it.

Every record in Redis begins with its version and a space. Several versions of the bot share one Redis during a deploy, so
raise a version, and add the step that leads to it, whenever a worker of the version before must not read what the new one
writes, or would lose a part of it by writing it back. A record of a newer version is `TooNew`: nobody touches it but a
worker that knows it. See docs/decisions/0008-records-carry-their-version.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from bot.errors import TooNew

Kind = Literal["event", "session", "message", "intent"]
Upgrade = Callable[[dict[str, Any]], dict[str, Any]]
"""From the JSON of one version to that of the next."""


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of record."""

    kind: Kind
    version: int
    steps: Mapping[int, Upgrade] = field(default_factory=dict)
    """By the version they lead away from."""
    mark: bytes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "mark", b"%d " % self.version)

    def write(self, content: bytes) -> bytes:
        return self.mark + content

    def read(self, body: bytes) -> bytes:
        """The content as this version would have written it.

        Raises `TooNew`, and ValueError for what no version of ours has written.
        """
        if body.startswith(self.mark):
            return body[len(self.mark) :]
        number, _, content = body.partition(b" ")
        if not number.isdigit():
            raise ValueError(f"{self.kind} without a version")
        if int(number) > self.version:
            raise TooNew(self.kind, version=int(number))
        record = orjson.loads(content)
        for version in range(int(number), self.version):
            if version not in self.steps:
                raise ValueError(f"{self.kind} of version {version}, which nobody upgrades any more")
            record = self.steps[version](record)
        return orjson.dumps(record)


def _remember_wish(session: dict[str, Any]) -> dict[str, Any]:
    """Version 2 keeps the pending wish's picks apart, so that another can be picked meanwhile."""
    return {**session, "wish": session.get("picks", {})} if session.get("pending") else session


def _keep(record: dict[str, Any]) -> dict[str, Any]:
    """New fields alone: their defaults are right for older records."""
    return record


EVENT = Format("event", 1)
SESSION = Format("session", 3, {1: _remember_wish, 2: _keep})
MESSAGE = Format("message", 1)
INTENT = Format("intent", 3, {1: _keep, 2: _keep})
