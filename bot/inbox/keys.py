"""The Redis keys in words: the one place that spells them.

Every key carries the tag `{fdN}` of one of `PARTITIONS` partitions, so that each script touches one slot of a Redis
Cluster. N is a stable hash of the conversation's id `business:channel:chat`.

key                 type        holds
------------------  ----------  -----------------------------------------------------------------------------------
{fdN}:c:<id>        hash        own lu fn: owner's nonce, lease until, fence (only grows)
                                v s: version and session · i ia: intent, when to look at it · lc: last commit
                                os fl: outbox sequence and the one being sent · nb: send nothing before
                                tr er dd: claims without a commit, what the last failed with, dead owners · pt: pace
                                pm: message id of the last prompt · tn: version and since when it is too new for us
{fdN}:in:<id>       list        events waiting, in order of arrival
{fdN}:out:<id>      list        messages waiting, "<sequence> <json>"
{fdN}:seen          zset        digests of deliveries taken, by time; kept 9 days, the newest 5000 whatever their age
{fdN}:due           zset        conversations somebody must look at, and when: the truth about what is to be done
{fdN}:ready         list        conversations that just got something: a hint, may be lost or doubled
{fdN}:tm, {fdN}:tj  zset, hash  timers: id to due time, id to "<conversation id> <event json>"
{fdN}:clk           hash        last: the last sweep · hold: no lease may be broken before
{fdN}:dead          stream      dead letters: what could not be worked on, with the reason; the newest 10000

and one for all of them:

frontdesk:run       hash        id: the Redis process last seen · since: when another one was noticed, 0 if never

All times are milliseconds of Redis' own clock.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

RUN = "frontdesk:run"
PARTITIONS = 16
"""Never changed on a running system: it decides where a conversation lives."""


class Conversation(NamedTuple):
    """One chat of one business on one channel."""

    business: str
    channel: str
    chat: str

    @property
    def id(self) -> str:
        return f"{self.business}:{self.channel}:{self.chat}"

    @classmethod
    def parse(cls, text: str) -> "Conversation":
        business, channel, chat = text.split(":", 2)
        return cls(business, channel, chat)


@dataclass(frozen=True, slots=True)
class Partition:
    """The keys that conversations of one slot share."""

    seen: str
    due: str
    ready: str
    timers: str
    timer_events: str
    clock: str
    dead: str


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one conversation."""

    id: str
    record: str
    inbox: str
    outbox: str
    partition: Partition


def _partition(number: int) -> Partition:
    tag = f"{{fd{number}}}"
    return Partition(*(f"{tag}:{name}" for name in ("seen", "due", "ready", "tm", "tj", "clk", "dead")))


PARTITION_KEYS = tuple(_partition(number) for number in range(PARTITIONS))


@lru_cache(maxsize=10_000)
def keys_of(conversation_id: str) -> Keys:
    number = crc32(conversation_id.encode()) % PARTITIONS
    tag = f"{{fd{number}}}"
    return Keys(
        conversation_id,
        f"{tag}:c:{conversation_id}",
        f"{tag}:in:{conversation_id}",
        f"{tag}:out:{conversation_id}",
        PARTITION_KEYS[number],
    )
