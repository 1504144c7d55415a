"""What the sources leave open about Setster, or what differs per account: switchable while the sandbox runs."""

from typing import Annotated, Literal

from pydantic import Field

from bot.sandbox.switches import Adjustable

Hours = Annotated[int, Field(ge=0)]


class Switches(Adjustable):
    """Sections are those of the wire document. What is not marked [seed] or [docs] there is inferred."""

    calls_per_minute: Annotated[int, Field(ge=0)] = 0
    """§9: none is published; 0 = no limit."""
    rate_header: Literal["seconds", "date", "none"] = "seconds"
    """How a 429 says when to come back."""

    expired_status: Literal[401, 403] = 403
    """§2: the reference says 403, an integrator saw 401."""
    expired_in_body: bool = False
    """§9: the refusal of a session comes with HTTP 200 and the status as `statusCode`."""
    session_ttl_calls: Annotated[int, Field(ge=0)] = 0
    """§2: nothing is published; 0 = it lasts."""
    session_ttl_s: Annotated[float, Field(ge=0)] = 0
    company_id_optional: bool = False
    """§1."""
    accept_form_data: bool = True
    """§1: writes as a form with one field `data`."""
    errors_as_200: bool = False
    """§9: a refusal comes with HTTP 200."""
    latency_serialised_per_token: bool = False
    """§2: calls on one token wait for each other."""

    ids_as_strings: bool = True
    """§1: ids in lists are numeric texts."""
    flags_as_text: bool = False
    """Flags as "0" and "1"."""
    zone_names: Literal["iana", "display"] = "iana"
    """§3.4."""
    links_shape: Literal["rows", "lists", "flags"] = "rows"
    """§3.3: how `location_links` looks."""

    times_shape: Literal["map", "list"] = "map"
    """§4."""
    empty_as_list: bool = True
    """§4: a map without entries is an empty list."""
    omits_full_days: bool = False
    """§4: days without a free time are not in the map."""
    week_starts: Literal["monday", "sunday"] = "monday"
    """§15."""
    prior_notice: Hours | None = None
    """§3.3, hours; set = the services have rules of their own (`active_rules`)."""
    move_notice: Hours | None = None
    cancel_notice: Hours | None = None
    owner_bypasses_notice: bool = True
    """§13.9: the owner's session is offered times inside the notice too."""

    list_times_zone: Literal["company", "location"] = "company"
    """§5.3."""
    listed_zone: Literal["own", "absent"] = "own"
    """§15: whether a listed record says which zone its times are in."""
    get_times_zone: Literal["company", "location"] = "location"
    """§15."""
    list_delay_s: Annotated[float, Field(ge=0)] = 0
    """How long a new appointment is missing from lists."""
    end_date_inclusive: bool = True
    """§10."""

    auto_confirm: bool = True
    """§5.6: off = a new booking waits for a click in an e-mail."""
    status_writable: bool = True
    """§5.6: whether create takes `status`."""
    enforce_availability: bool = True
    """§5.1: whether create looks at the calendar."""
    create_delay_ms: Annotated[float, Field(ge=0)] = 0
    """Between the commit of a create and its answer."""
    duration_multiple: Annotated[int, Field(ge=1)] = 15
    """§5.1 [seed]."""
    form_fields: tuple[str, ...] = ("booking_ref",)
    """§5.1: keys of the booking form; another in `custom_data` is refused."""
    keeps_note: bool = True
    """§10: whether `note` is in what is read."""
