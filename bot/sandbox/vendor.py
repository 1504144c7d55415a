"""What the sandbox has to know of a vendor's emulator."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from aiohttp import web

from bot.sandbox.clock import SandboxClock
from bot.sandbox.faults import FaultPlan

Errand = Literal["locations", "services", "staff", "slots", "customer", "book", "find", "move", "cancel"]
"""What a bot wants of a vendor: faults are ordered by it where it should not matter which vendor it is."""


class VendorEmulator(Protocol):
    """One vendor with both demo businesses on it."""

    @property
    def faults(self) -> FaultPlan: ...

    def app(self) -> web.Application:
        """The vendor's API, mounted under `/<slug>`."""

    def control(self) -> web.Application:
        """What is behind it, mounted under `/control/<slug>`; see `bot.sandbox.salon.control`."""

    def reset(self) -> None:
        """Everything as at the start."""


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One business of the demo at a vendor, as an operator would write it into frontdesk.toml."""

    settings: Mapping[str, str]
    """Of `[businesses.<slug>.vendor]`, besides `kind`, `base_url` and `timeout_seconds`."""
    time_zones: Mapping[str, str]
    """The vendor's id of each location, in the order of the business's places, to its IANA zone."""
    credential: str
    """What opens it, as `frontdesk sandbox` prints it."""


@dataclass(frozen=True, slots=True)
class VendorDemo:
    """A vendor as the demo offers it."""

    slug: str
    name: str
    make: Callable[[SandboxClock, Callable[[str], None], int], VendorEmulator]
    """Clock, who is told the slug after every change of the book, seed."""
    accounts: Mapping[str, DemoAccount]
    """By the slug of the business (`bot.sandbox.salon`)."""
    operations: Mapping[Errand, str]
    """The emulator's name of the call that does the errand; what the vendor does not have is missing."""
