"""Schedly's answers as types, out of either envelope. What its reference does not show is read in every shape it may have."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from bot.errors import VendorChanged
from bot.vendors.rows import AnyRow, Flag, Row, Text, Whole, read_as_object, read_as_text
from bot.vendors.rows import read_rows as read_any_rows

SOURCE = "schedly"
DEPTH = 4
"""Envelopes inside envelopes; no variant has more than two."""


def _read_name(value: Any) -> str:
    """A category or the like: its name, or an object that has one."""
    return read_as_text(value.get("name")) if isinstance(value, dict) else read_as_text(value)


def _read_ids(value: Any) -> tuple[str, ...] | None:
    """Ids, or objects that have one, in the vendor's order. None where nothing is said."""
    if not isinstance(value, list):
        return None
    ids = (read_as_text(item.get("id") if isinstance(item, dict) else item) for item in value)
    return tuple(dict.fromkeys(found for found in ids if found))


Number = Annotated[str, BeforeValidator(read_as_text), StringConstraints(pattern=r"^[1-9][0-9]{0,17}$")]
"""Ids are whole numbers (wire notes, section 1)."""
Name = Annotated[str, BeforeValidator(_read_name)]
Ids = Annotated[tuple[str, ...] | None, BeforeValidator(_read_ids)]


class SchedlyRow(Row):
    """Keys are camel case on the wire."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class LocationRow(SchedlyRow):
    """`GET /api/services/locations`; inferred."""

    id: Number
    name: Text = ""
    address: Text = ""
    city: Text = ""
    time_zone: Text = Field("", validation_alias=AliasChoices("timeZone", "timezone", "time_zone"))
    currency: Text = ""
    country: Text = ""
    active: Flag = None


class CompanyRow(SchedlyRow):
    """`GET /api/services/company-settings`; inferred."""

    time_zone: Text = Field("", validation_alias=AliasChoices("timeZone", "timezone", "time_zone"))
    currency: Text = ""


class ServiceRow(SchedlyRow):
    """`GET /api/services/services`. `price` is in cents, `duration` in minutes."""

    id: Number
    name: Text = ""
    description: Text = ""
    duration: Whole = None
    price: Whole = None
    currency: Text = ""
    category: Name = ""
    location_id: Text = ""
    """Empty: sold everywhere."""
    deposit_type: Text = ""
    active: Flag = None


class EmployeeRow(SchedlyRow):
    """`GET /api/services/employees`."""

    id: Number
    name: Text = ""
    active: Flag = None
    service_ids: Ids = Field(None, validation_alias=AliasChoices("serviceIds", "services", "service_ids"))
    location_ids: Ids = Field(None, validation_alias=AliasChoices("locationIds", "locations", "location_ids"))


class SlotRow(SchedlyRow):
    """One free time in any of the four shapes."""

    starts_at: Text = Field(validation_alias=AliasChoices("time", "start", "startTime"))
    employee_ids: Ids = None
    employee_id: Text = ""
    available: Flag = None


class CustomerRow(SchedlyRow):
    """`GET /api/services/customers`."""

    id: Number
    name: Text = ""
    email: Text = ""
    phone: Text = ""


class PersonRow(SchedlyRow):
    """A service, an employee or a customer inside an appointment: often a name alone."""

    id: Text = ""
    name: Text = ""
    email: Text = ""


Person = Annotated[PersonRow, BeforeValidator(read_as_object)]


class AppointmentRow(SchedlyRow):
    """The object of `POST /api/services/appointments`, and of every list of them."""

    id: Number
    uid: Text = ""
    service_id: Text = ""
    start_time: Text = ""
    end_time: Text = ""
    status: Text = ""
    customer_id: Text = ""
    employee_id: Text = ""
    location_id: Text = ""
    notes: Text = ""
    service: Person = PersonRow()
    employee: Person = PersonRow()
    customer: Person = PersonRow()


def unwrap(data: Any) -> Any:
    """What an answer says, out of `{"status":"success","data":…}` where it is wrapped."""
    for _ in range(DEPTH):
        if not (isinstance(data, dict) and data.get("status") == "success" and "data" in data):
            break
        data = data["data"]
    return data


def unwrap_list(data: Any, name: str) -> Any:
    """A list answer out of any envelope: bare, under `data`, under the resource's own name."""
    for _ in range(DEPTH):
        if not isinstance(data, dict):
            break
        data = data.get(name, data.get("data"))
    return data


def read_rows(kind: type[AnyRow], data: Any, name: str, *, is_strict: bool = False) -> tuple[AnyRow, ...]:
    """The rows of a list answer; see `bot.vendors.rows.read_rows`."""
    return read_any_rows(kind, unwrap_list(data, name), name, source=SOURCE, is_strict=is_strict)


def read_days(data: Any) -> Iterator[tuple[date | None, tuple[SlotRow, ...]]]:
    """The free times of an availability answer by the day they are listed under; None where they are in one plain list."""
    found = data
    for _ in range(DEPTH):
        inner = found.get("slots", found.get("data")) if isinstance(found, dict) else None
        if inner is None:
            break
        found = inner
    if isinstance(found, list):
        yield None, read_any_rows(SlotRow, found, "slots", source=SOURCE)
        return
    if not isinstance(found, dict) or (found is data and not found):
        raise VendorChanged("slots are neither a list nor days", source=SOURCE)
    for key, rows in found.items():
        try:
            day = date.fromisoformat(str(key)[:10])
        except ValueError:
            raise VendorChanged("slots are not by day", source=SOURCE) from None
        yield day, read_any_rows(SlotRow, rows, "slots", source=SOURCE)
