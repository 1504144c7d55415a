"""A short campaign with every kind of fault in it; `make faults` runs the long one. FRONTDESK_SEED repeats a run."""

import asyncio
import os
import random
import sys

import pytest

from tests.faults.campaign.mix import Mix
from tests.faults.campaign.points import KILLED_AT
from tests.faults.campaign.run import run_campaign
from tests.faults.mutants import MUTANTS, Mutant, mutated

SEED = int(os.environ.get("FRONTDESK_SEED", "0")) or random.randrange(1, 1_000_000)
SHORT = Mix(
    conversations=120,
    kills=len(KILLED_AT) + 4,
    seed=SEED,
    workers=3,
    at_once=60,
    pauses=2,
    redis_kills=1,
    redis_losses=1,
    clock_jumps=1,
    storms=1,
    cuts=10,
)


@pytest.mark.campaign
@pytest.mark.xdist_group("campaign")
def test_nothing_is_lost_double_untrue_or_unresolved(capsys: pytest.CaptureFixture[str]) -> None:
    verdict = asyncio.run(run_campaign(SHORT))
    with capsys.disabled():
        sys.stdout.write(f"\nseed {SEED}: {verdict.last_line}\n")
    assert [str(problem) for problem in verdict.problems] == [], "\n".join((f"seed {SEED}", *verdict.lines))
    assert verdict.kills >= len(KILLED_AT)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.rule)
def test_every_rule_can_still_be_switched_off(mutant: Mutant) -> None:
    """The text that a mutant changes is still there; `make mutants` runs them all."""
    with mutated(mutant) as package:
        assert (package / "bot").is_dir()
