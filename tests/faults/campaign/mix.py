"""What goes wrong in a campaign, and how often. Times are scaled: a second here stands for about four in production."""

import random
from dataclasses import dataclass
from datetime import timedelta

from bot.sandbox.faults import FaultKind

LEASE = timedelta(seconds=5)
"""20 s in production."""
VENDOR_TIMEOUT = timedelta(seconds=3.5)
"""10 s in production; "20 s answers" are those that come after it."""
PACE = timedelta(seconds=0.01)
"""Between two messages to one person: there are minutes, not days, for ten thousand conversations."""
HITS = 20
"""How often each point of the crash matrix is hit in a full run."""

SLOW = VENDOR_TIMEOUT.total_seconds() * 1.3

Chances = dict[FaultKind, float]

_LOST: tuple[FaultKind, ...] = ("cut_after", "fail_after", "truncate", "slow_after")
"""The vendor did it, and nobody heard."""
_OTHER: tuple[FaultKind, ...] = ("cut_before", "refuse", "html", "slow_before")
_LOST_BY_TELEGRAM: tuple[FaultKind, ...] = ("cut_after", "fail_after")
_NOT_SENT: tuple[FaultKind, ...] = ("cut_before", "refuse", "rate_limit")
SLOW_SHARE = 0.1
"""Of the lost answers, how many come too late instead of not at all: each holds up its customer for a timeout."""


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares are of calls or deliveries; counts are of a whole run and spread over it."""

    conversations: int = 10_000
    kills: int = 500
    seed: int = 1
    workers: int = 4
    at_once: int = 250
    """Customers at the same time."""
    points: tuple[str, ...] | None = None
    """Only kills at these points of the crash matrix; None: all of them, and at random."""
    pauses: int = 40
    redis_kills: int = 20
    redis_losses: int = 20
    """Restarts of Redis without what it wrote in the last second."""
    clock_jumps: int = 20
    storms: int = 20
    """Of refusals (429) for everybody."""
    cuts: int = 200
    """Connections to Redis cut at a script, before it was applied or before it was answered."""
    visibility: float = 1.5
    """Seconds until the vendor's lists show an appointment."""
    talkative: float = 0.3
    """Customers who say several things at once."""
    patience: float = 120.0
    """Seconds until a customer who hears nothing goes away: many leases, for workers that die one after the other. Whoever has
    heard nothing when everything has come to rest is lost."""
    duplicates: float = 0.05
    """Each of them comes four times."""
    reordered: float = 0.05
    lost_by_vendor: float = 0.05
    other_vendor_faults: float = 0.02
    lost_by_telegram: float = 0.02
    other_telegram_faults: float = 0.02

    @property
    def vendor_chances(self) -> Chances:
        return _spread(_LOST, self.lost_by_vendor) | _spread(_OTHER, self.other_vendor_faults)

    @property
    def telegram_chances(self) -> Chances:
        return _spread(_LOST_BY_TELEGRAM, self.lost_by_telegram) | _spread(_NOT_SENT, self.other_telegram_faults)

    def dice(self, what: str) -> random.Random:
        """One for each thing to be decided, so that they do not disturb each other."""
        return random.Random(f"{self.seed}/{what}")


def _spread(kinds: tuple[FaultKind, ...], share: float) -> Chances:
    slow = [kind for kind in kinds if kind.startswith("slow")]
    quick = [kind for kind in kinds if kind not in slow]
    part = share * SLOW_SHARE if slow else 0.0
    return {kind: (share - part) / len(quick) for kind in quick} | {kind: part / len(slow) for kind in slow}


def shorten(mix: Mix) -> Mix:
    """The counts that are not asked for by name, in proportion to the conversations."""
    share = min(1.0, mix.conversations / 10_000)
    counts = {name: max(1, round(getattr(mix, name) * share)) for name in SCALED if getattr(mix, name)}
    return Mix(**{**{name: getattr(mix, name) for name in Mix.__dataclass_fields__}, **counts})


SCALED = ("cuts", "pauses", "redis_kills", "redis_losses", "clock_jumps", "storms")
