"""Faults that strike calls at random, by seeded dice, and storms in which every call is refused."""

import random
from collections import Counter

from bot.sandbox.faults import Fault, FaultKind, FaultPlan
from tests.faults.campaign.mix import SLOW, Chances

SPARED = frozenset({"getMe", "setWebhook", "getWebhookInfo", "centers", "countries"})
"""What a bot asks for when it starts, and what the emulator answers from memory for everybody."""


class Weather(FaultPlan):
    """A plan that never runs out."""

    def __init__(self, chances: Chances, dice: random.Random) -> None:
        super().__init__([Fault("", "refuse")])  # an emulator asks only where something waits
        self._chances = chances
        self._dice = dice
        self.is_calm = False
        self.is_stormy = False
        self.struck: Counter[FaultKind] = Counter()

    def take(self, operation: str, *, account: str = "") -> Fault | None:
        if self.is_calm or operation in SPARED:
            return None
        if self.is_stormy:
            return self._strike(operation, "rate_limit", 1.0)
        throw = self._dice.random()
        for kind, chance in self._chances.items():
            throw -= chance
            if throw < 0:
                return self._strike(operation, kind, 1.0 if kind == "rate_limit" else SLOW)
        return None

    def _strike(self, operation: str, kind: FaultKind, seconds: float) -> Fault:
        self.struck[kind] += 1
        return Fault(operation, kind, seconds=seconds)
