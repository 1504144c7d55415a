"""Dead letters: what was given up on, kept for a person to look at, put back or drop."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Literal

from redis.asyncio import Redis

from bot.inbox.keys import PARTITION_KEYS, PARTITIONS, Conversation, keys_of
from bot.inbox.script import Scripts

_PAGE = 500
_Row = tuple[bytes, dict[bytes, bytes]]
_FORM = re.compile("([0-9]{1,3})-([0-9]{1,20})-([0-9]{1,20})")


@dataclass(frozen=True, slots=True)
class Letter:
    """One of them."""

    id: str
    """`<partition>-<milliseconds>-<number>`."""
    conversation: Conversation
    """Its chat is empty where the delivery could not be read."""
    kind: str
    """event, message, session, intent, or body: a webhook's, as it came."""
    reason: str
    """undelivered: accepted by the platform, which later said that it had failed. window: nothing may be sent to the customer
    until they write again. stray: for an account that is not in the settings, or whose secret did not sign it.
    poison: failed again and again. unsendable: the platform refused it for ever. unreadable: a body of unknown shape.
    version: a newer version of the bot wrote it, and none came."""
    error: str
    """The class of the error, or what the platform said. No personal data."""
    body: bytes

    @property
    def buried_at(self) -> datetime:
        """Aware, UTC."""
        return datetime.fromtimestamp(int(self.id.split("-")[1]) / 1000, UTC)


class DeadLetters:
    """Those of all partitions. Every method may raise redis-py's errors, `replay` also `TryAgain`."""

    def __init__(self, redis: Redis, scripts: Scripts) -> None:
        self._redis = redis
        self._scripts = scripts

    async def count(self) -> int:
        return sum([await self._redis.xlen(partition.dead) for partition in PARTITION_KEYS])

    async def list_newest(self, most: int) -> list[Letter]:
        """Oldest first."""
        letters: list[Letter] = []
        for number, partition in enumerate(PARTITION_KEYS):
            end, wanted = "+", most
            while wanted > 0:
                rows: list[_Row] = await self._redis.xrevrange(partition.dead, max=end, count=min(wanted, _PAGE))  # type: ignore[assignment]
                if not rows:
                    break
                letters += [_read(number, *row) for row in rows]
                end, wanted = f"({rows[-1][0].decode()}", wanted - len(rows)
        letters.sort(key=lambda letter: letter.buried_at)
        return letters[-most:]

    async def find(self, letter_id: str) -> Letter | None:
        """Raises ValueError for what is no id of a letter."""
        number, entry = split_id(letter_id)
        rows: list[_Row] = await self._redis.xrange(PARTITION_KEYS[number].dead, min=entry, max=entry)  # type: ignore[assignment]
        return _read(number, *rows[0]) if rows else None

    async def was_replayed(self, letter_id: str) -> bool:
        """As far back as deliveries are remembered."""
        number, _ = split_id(letter_id)
        return await self._redis.zscore(PARTITION_KEYS[number].seen, _digest(letter_id)) is not None

    async def replay(self, letter: Letter) -> Literal["REPLAYED", "AGAIN", "GONE", "KEPT"]:
        """Put an event or a message back, once, whoever asks and however often."""
        keys = keys_of(letter.conversation.id)
        shared = keys.partition
        _, entry = split_id(letter.id)
        places = (shared.dead, shared.seen, keys.record, keys.inbox, keys.outbox, shared.due)
        answer: bytes = await self._scripts.run("replay", places, keys.id, _digest(letter.id), entry)
        return answer.decode()  # type: ignore[return-value]

    async def drop(self, letter_id: str) -> bool:
        """False: there was none."""
        number, entry = split_id(letter_id)
        return bool(await self._redis.xdel(PARTITION_KEYS[number].dead, entry))


def split_id(letter_id: str) -> tuple[int, str]:
    """Partition and the stream's own id. Raises ValueError for what is no id of a letter."""
    found = _FORM.fullmatch(letter_id)
    if found is None or int(found[1]) >= PARTITIONS or max(int(found[2]), int(found[3])) >= 2**64:
        raise ValueError(f"found {letter_id}; expected an id as frontdesk dead list shows it")
    return int(found[1]), f"{found[2]}-{found[3]}"


def _read(partition: int, entry: bytes, fields: dict[bytes, bytes]) -> Letter:
    def read(name: bytes) -> str:
        return fields.get(name, b"").decode(errors="replace")

    conversation = Conversation.parse(read(b"conversation"))
    letter_id = f"{partition}-{entry.decode()}"
    return Letter(letter_id, conversation, read(b"kind"), read(b"reason"), read(b"error"), fields.get(b"body", b""))


def _digest(letter_id: str) -> bytes:
    return blake2b(f"dead|{letter_id}".encode(), digest_size=9).digest()
