"""What the sources leave open about Zenoti, or what differs per tenant: switchable while the sandbox runs."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.dataclasses import dataclass

Casing = Literal["upper", "lower"]
ErrorStatus = Literal[200, 400]
GuestField = Literal[
    "mobile_phone",
    "email",
    "date_of_birth",
    "gender",
    "nationality",
    "address_1",
    "city",
    "state",
    "country",
    "referral_source",
]
"""What an organisation can make mandatory for a new guest, besides both names (§8)."""


@dataclass(config=ConfigDict(extra="forbid", validate_assignment=True))
class Switches:
    """Sections are those of the wire document. Every default not marked otherwise is our reading of it."""

    calls_per_minute: Annotated[int, Field(ge=0)] = 60
    """§3, documented standard quota; 0 = no limit and no headers."""
    rate_limit_level: Literal["organization", "api", "both"] = "organization"
    """§3: which of the three header variants is sent."""
    quota_scope: Literal["organization", "key"] = "organization"
    """§23."""

    booking_error_casing: Casing = "upper"
    """§2 shape B (create, slots, reserve); lower = shape A."""
    booking_error_status: ErrorStatus = 200
    write_error_casing: Casing = "lower"
    """§17.3: confirm, cancel and guest writes."""
    write_error_status: ErrorStatus = 200
    catalogue_error_casing: Casing = "lower"
    """§23: everything that only reads."""
    catalogue_error_status: ErrorStatus = 200
    paging_error_status: Literal[200, 400, 422] = 422
    """§23: HTTP status of the bare 422 body."""

    draft_minutes: Annotated[float, Field(gt=0)] = 30
    hold_minutes: Annotated[float, Field(gt=0)] = 10
    grid_minutes: Annotated[int, Field(ge=5, le=60)] = 15
    second_reserve: Literal["moves", "adds", "refused"] = "moves"
    """§22.13: a second reserve on one draft releases the first hold, keeps it too, or fails."""
    second_confirm: Literal["error", "repeat"] = "error"
    """§23: what a confirmed draft answers to another confirm."""
    second_confirm_code: int = 400
    guest_double_booking: Literal["warned", "refused"] = "warned"
    """Whether one guest may hold two appointments at once (slot warning type 2)."""

    future_days: Literal["asked", "always", "never"] = "asked"
    """§23: filled when `check_future_day_availability` is true, or whatever it says."""
    future_days_ahead: Annotated[int, Field(ge=1, le=60)] = 6
    """§23: how far "the same week" looks."""
    past_times: Literal["available", "unavailable", "hidden"] = "available"
    """§23, §9.2: how today's past times are listed; reserving one always fails."""
    available_flag: bool = True
    """§9.2: off = no `Available` key, and only free times listed."""
    duplicate_slots: bool = False
    slot_prices: bool = False
    """§9.2: `SalePrice` a number instead of null."""

    search_across_centers: bool = True
    """§8: the organisation's setting behind the four scopes."""
    phone_search: Literal["national", "international", "either"] = "national"
    """§22.4: which digits `phone=` is compared with."""
    upper_case_guest_ids: bool = False
    """§1: guest ids in search answers in upper case."""
    mandatory_guest_fields: list[GuestField] | None = None
    """§8, §23; null = the demo business's own."""
    guest_failure: Literal["error", "silent"] = "error"
    """§17.11: a missing mandatory field answers 481, or 200 without an id."""
    unique_email: bool = False
    """§2: 442 when the e-mail is taken; off = duplicates are made."""

    appointments_wrapped: bool = False
    """§11: the range read as `{"appointments": […]}` instead of a bare array."""
    read_delay_seconds: Annotated[float, Field(ge=0)] = 0
    """How long a confirmed appointment stays missing from the appointment reads."""
    cancel_fee_hours: Annotated[float, Field(ge=0)] = 24
    cancel_comments_required: bool = False
    """§11."""

    webhook_url: str = ""
    """§14; empty = off. Setting it switches a webhook that failed too often on again."""
    webhook_secret: str = ""
    webhook_backoff_seconds: Annotated[float, Field(ge=0)] = 30
    """Wait before the second try; doubles up to 10 minutes."""

    def change(self, wishes: dict[str, Any]) -> None:
        """Set what is named; all or nothing. Raises `pydantic.ValidationError` on an unknown name or value."""
        wanted = _SWITCHES.validate_python(asdict(self) | wishes)
        for name, value in asdict(wanted).items():
            setattr(self, name, value)

    def reset(self) -> None:
        for name, value in asdict(Switches()).items():
            setattr(self, name, value)


_SWITCHES: TypeAdapter[Switches] = TypeAdapter(Switches)
