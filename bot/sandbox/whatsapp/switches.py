"""What the control API may change about the emulated platform and its delivery."""

from typing import Literal

from pydantic import NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from bot.sandbox.switches import Adjustable


class Switches(Adjustable):
    """Limits and habits of the platform (whatsapp.md, sections named)."""

    rates: bool = True
    pair_interval_seconds: PositiveFloat = 6.0
    """Between two messages of a number to one person in the long run (10)."""
    pair_burst: PositiveInt = 45
    number_rate: PositiveInt = 80
    """Messages a second of one number (10)."""
    throttle_status: Literal[400, 429] = 400
    """HTTP status of a refusal for being too fast; old tables say 429, captured traffic 400 (11)."""
    sends_retry_after: bool = False
    window: bool = True
    """Outside 24 hours after the customer's last message only templates are taken (7)."""
    window_is_late: bool = False
    """What comes outside the window is accepted and then reported as failed, instead of refused at once (7)."""


class Delivery(Adjustable):
    """How webhooks reach the bot (section 3)."""

    batch: PositiveInt = 1
    """Items in one POST: nothing is sent before so many wait, or they are flushed."""
    items_per_change: PositiveInt = 1
    changes_per_entry: PositiveInt = 1
    shuffle: bool = False
    """The items of a batch in any order."""
    duplicates: NonNegativeInt = 0
    """Each POST arrives this many times more."""
    statuses: bool = True
    skips_delivered: bool = False
    """`read` without `delivered`, as for somebody who has the chat open."""
    status_contacts: Literal["full", "partial", "none"] = "full"
    bad_signature: bool = False
    paused: bool = False
    """Nothing is delivered until it is switched off."""
    retry_base_seconds: NonNegativeFloat = 2.0
    """The first retry comes at once, the second after this long, then twice as long each time, for seven days."""
    answer_timeout_seconds: PositiveFloat = 20.0
