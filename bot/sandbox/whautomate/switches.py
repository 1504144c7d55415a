"""What the sources leave open about Whautomate, or what differs per account: switchable while the sandbox runs."""

from typing import Annotated, Literal

from pydantic import Field

from bot.sandbox.switches import Adjustable

LIMITS = {"trial": 60, "subscribed": 300}
"""Calls a minute (§2)."""


class Switches(Adjustable):
    """Sections are those of the wire document. Every default not marked otherwise is our reading of it."""

    plan: Literal["trial", "subscribed"] = "trial"
    """§2, documented."""
    calls_per_minute: Annotated[int, Field(ge=0)] | None = None
    """Instead of the plan's; 0 = no limit."""
    rate_headers: Literal["none", "seconds", "date", "x-ratelimit"] = "seconds"
    """§2: no header is published. What a 429 says of how long to stay away."""
    forbidden_status: Literal[403, 401] = 403
    """§1, documented."""

    default_page_size: Annotated[int, Field(ge=1)] = 20
    """§15."""
    largest_page_size: Annotated[int, Field(ge=1)] = 100
    """§1: a larger `limit` is taken for this one."""

    time_format: Literal["12h", "24h", "iso", "iso-z"] = "12h"
    """§4: the text of a slot's times. iso has the true offset; iso-z has a `Z` behind the wall time, as `date` does."""
    slots_without_staff: Literal["union", "error"] = "union"
    """§4."""
    next_three_days: Annotated[int, Field(ge=1, le=7)] = 3
    """§4: entries answered to `nextThreeDays=true`; 1 = it does nothing."""
    empty_days: Literal["empty", "missing"] = "empty"
    """§4: how a day without a free time is said."""

    book_without_staff: Literal["assigned", "error"] = "assigned"
    """§5.1: `staff` is optional."""
    taken_status: Literal[400, 409, 422] = 400
    """§5.1: the answer to a time that is not free."""
    checks_add_ons: bool = True
    """§15: whether a booking is refused whose add-ons do not fit."""
    inline_client_links_by_phone: bool = True
    """§5.1: off = every inline client is a new one."""
    phone_form: Literal["national", "repeated"] = "national"
    """§5.1: whether the digits of a client's phone repeat those of the country code."""
    create_delay_ms: Annotated[int, Field(ge=0)] = 0
    """§14: how long a booking that is made already keeps its answer back."""

    false_z: bool = True
    """§5, captured: `startTime` and `endTime` are wall times with a `Z`; off = they are UTC."""
    echo_notes: bool = False
    """§5.1: `notes` in REST answers."""
    read_delay_seconds: Annotated[float, Field(ge=0)] = 0
    """How long a new appointment stays missing from the list (not from the read by id)."""
    end_date: Literal["inclusive", "exclusive"] = "inclusive"
    """§5.2."""
    moved_status: Literal["Booked", "Rescheduled"] = "Booked"
    """§5.4, §15."""
    moved_id: Literal["same", "new"] = "same"
    """§5.4: new = the old one reads Cancelled."""
    cancelled_again: Literal[400, 200] = 400
    """§5.5."""

    webhook_events_strict: bool = True
    """§8: only proven event names may be registered."""

    @property
    def limit(self) -> int:
        return LIMITS[self.plan] if self.calls_per_minute is None else self.calls_per_minute
