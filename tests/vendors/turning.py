"""What a vendor's file in this folder says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Costs:
    """Calls of a booking with a warm catalogue: one look at the times, and all that booking one of them takes."""

    known: int
    """For somebody whose id at the vendor is known."""
    new: int


@dataclass(frozen=True, slots=True)
class Turning:
    """How the switches of one emulator are turned for the contract tests."""

    switches: type[Any]
    """The class with the switches. Those with few values (yes and no, a choice of words) are all turned, one at a time."""
    left_out: Mapping[str, str]
    """Switch to the reason why the contract does not hold, or cannot be seen, with it."""
    costs: Costs
    """By the wire documents."""
    more: tuple[Mapping[str, Any], ...] = field(default=())
    """Other settings worth a run: numbers, and switches that belong together."""
