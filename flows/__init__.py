"""What the business does with what customers say: pure decisions, without I/O beyond reading the desk."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.conversation.contract import Flow
from flows.booking.machine import build_machine
from flows.reception import Reception

# For drawing: `MACHINES[name](machine_class=GraphMachine, model=…)`.
MACHINES: Mapping[str, Callable[..., Any]] = {"booking": build_machine}


def build_flow() -> Flow:
    """The flow of a business, built once and shared by all its conversations."""
    return Reception()
