"""What the sources leave open about Schedly, or what differs per account: switchable while the sandbox runs."""

from typing import Annotated, Literal

from pydantic import Field

from bot.sandbox.switches import Adjustable


class Switches(Adjustable):
    """Sections are those of the wire document. Every default not marked otherwise is our reading of it."""

    calls_per_minute: Annotated[int, Field(ge=0)] = 60
    """§3, documented: 60 free, 120 pro, 600 enterprise; 0 = no limit and no headers."""
    retry_after: Literal["seconds", "date", "none"] = "seconds"
    """§3: on 429; one of two samples has it."""

    envelope: Literal["bare", "wrapped"] = "bare"
    """§1: both are in the reference."""
    list_envelope: Literal["bare", "data", "status", "named"] = "bare"
    """§1: list answers are never shown."""
    availability_shape: Literal[1, 2, 3, 4] = 1
    """§5.1."""
    availability_aliases: bool = True
    """§5.1: `date`, `start`/`end`, `startTime`/`endTime`, `from`/`to` are understood too."""
    ignores_employee: bool = False
    """§5.1: the parameter's name is a guess; on = availability is of everybody whatever is asked."""
    missing_query_status: Literal[400, 422] = 422
    """§17."""

    notes: Literal["kept", "dropped", "refused"] = "dropped"
    """§6.1: `notes` of an appointment; the reference does not have it."""
    list_ids: bool = True
    """§6.2: rows of lists carry `uid`, `customerId`, `employeeId` and `locationId`; the answer to a create never does."""
    list_filters: bool = True
    """§6.2: the list of appointments is narrowed by what is asked; off = it is always everybody's."""
    profile: Literal["flat", "nested", "plain"] = "flat"
    """§6.2: the customer's appointments beside the profile's fields, beside `customer`, or not at all."""
    conflict_on_overlap: bool = True
    """§6.1: 409 for a taken time."""
    create_checks: bool = True
    """§17: opening hours, past starts, the length, and whether the employee does the service."""
    change_needs_times: bool = False
    """§17: whether PUT may omit `startTime` and `endTime`."""
    default_status: Literal["pending", "approved"] = "pending"
    """§6.1."""
    read_delay_seconds: Annotated[float, Field(ge=0)] = 0
    """How long an appointment made stays missing from the reads."""
    phone_search: Literal["digits", "raw"] = "digits"
    """§7: whether `search` looks through the spelling of a number."""

    token_seconds: Annotated[int, Field(ge=1)] = 1800
    """§2.2, documented."""
    refresh_rotates: bool = True
    """§2.2: the old refresh token dies with its use."""
    refresh_grace_seconds: Annotated[float, Field(ge=0)] = 0
    """How long a used refresh token is still taken: how lenient servers get over a lost answer."""
    accepts_bearer: bool = True
    """§2.2: implied for `/api/services/*`, named only for others."""
