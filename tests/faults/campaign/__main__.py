"""`python -m tests.faults.campaign --conversations 10000 --kills 500 --seed 1`: prints what was done and found."""

import argparse
import asyncio
import random
import sys

from tests.faults.campaign.mix import Mix, shorten
from tests.faults.campaign.run import run_campaign

MOST_SHOWN = 40


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.campaign", description=__doc__)
    parser.add_argument("--conversations", type=int, default=10_000)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0, help="0: any")
    wish = parser.parse_args()
    seed = wish.seed or random.randrange(1, 1_000_000)
    mix = shorten(Mix(conversations=wish.conversations, kills=wish.kills, seed=seed))
    say(f"seed {seed}")
    verdict = asyncio.run(run_campaign(mix, progress=say))
    for line in verdict.lines:
        say(line)
    for problem in verdict.problems[:MOST_SHOWN]:
        say(str(problem))
    if len(verdict.problems) > MOST_SHOWN:
        say(f"… and {len(verdict.problems) - MOST_SHOWN} more")
    if verdict.problems:
        say(f"again with SEED={seed}")
    say(verdict.last_line)
    return int(bool(verdict.problems))


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
