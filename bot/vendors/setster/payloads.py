"""Setster's answers as types, read leniently: ids may be numbers or texts, flags 1, "1" or true, lists empty objects."""

import json
import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from bot.vendors.rows import Amount, Row, Text, Whole, read_as_flag, read_as_text

MARK = re.compile(r"\[[^\[\]\s]+\]")
"""What `write_mark` writes."""


def _read_switch(value: Any) -> bool | None:
    """A flag as PHP writes it."""
    if isinstance(value, str) and value.strip() in ("0", "1"):
        return value.strip() == "1"
    return read_as_flag(value)


def _read_joined(value: Any) -> str:
    """Ids as comma text, or as a list."""
    return ",".join(filter(None, map(read_as_text, value))) if isinstance(value, list) else read_as_text(value)


def _read_texts(value: Any) -> tuple[str, ...]:
    """Every text in a field that is an object, or an object or list written as JSON text (wire notes, 5.3)."""
    if isinstance(value, str) and value.strip()[:1] in ("{", "["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return (value.strip(),)
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        return (read_as_text(value),)
    flat = [inner for item in value for inner in (item if isinstance(item, list) else [item])]
    return tuple(read_as_text(inner) for inner in flat)


def read_links(value: Any) -> dict[str, tuple[str, ...]]:
    """Location id to employee (or service) ids. The shape is nowhere shown: rows, a map to lists, or a map to flags."""
    if isinstance(value, list):
        rows = [row for row in value if isinstance(row, dict)]
        pairs = [(read_as_text(row.get("location_id")), row.get("employee_ids", row.get("service_ids"))) for row in rows]
    else:
        pairs = [(read_as_text(name), inner) for name, inner in value.items()] if isinstance(value, dict) else []
    links: dict[str, tuple[str, ...]] = {}
    for location_id, inner in pairs:
        if isinstance(inner, dict):
            inner = [name for name, is_linked in inner.items() if _read_switch(is_linked) is not False]
        ids = inner if isinstance(inner, list) else []
        if location_id:
            links[location_id] = tuple(filter(None, map(read_as_text, ids)))
    return links


Id = Annotated[str, BeforeValidator(read_as_text), StringConstraints(pattern=r"^[1-9][0-9]{0,19}$")]
Switch = Annotated[bool | None, BeforeValidator(_read_switch)]
Ids = Annotated[str, BeforeValidator(_read_joined)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_read_texts)]
Links = Annotated[dict[str, tuple[str, ...]], BeforeValidator(read_links)]


class ZoneRow(Row):
    """`GET /tz/list`, whose body nobody has shown."""

    id: Id
    name: Text = ""


class AccountRow(Row):
    """`GET /account`."""

    timezone_id: Text = ""


class LocationRow(Row):
    """`GET /location`."""

    id: Id
    name: Text = ""
    street1: Text = ""
    street2: Text = ""
    city: Text = ""
    zip: Text = ""
    country: Text = ""
    timezone_id: Text = ""


class EmployeeRow(Row):
    """`GET /employee`."""

    id: Id
    first_name: Text = ""
    last_name: Text = ""
    nickname: Text = ""
    status: Whole = None


class ServiceRow(Row):
    """`GET /service`."""

    id: Id
    name: Text = ""
    description: Text = ""
    duration: Whole = None
    """Minutes."""
    price: Amount = None
    status: Whole = None
    is_subservice: Switch = None
    require_addon: Switch = None
    password: Text = ""
    payment_min_amount: Amount = None
    allow_cash_payment: Switch = None
    active_rules: Switch = None
    prior_notice: Whole = None
    """Hours; counts where `active_rules` is set, as the next two."""
    reschedule_appointment: Whole = None
    """Hours before the start until which a customer may move it; 0: never."""
    cancel_appointment: Whole = None
    location_links: Links = Field(default_factory=dict)


class AppointmentRow(Row):
    """An appointment in any answer. Times are wall clocks, of the location or of the company."""

    id: Id
    client_id: Text = ""
    client_email: Text = ""
    client_name: Text = ""
    employee_id: Text = ""
    location_id: Text = ""
    service_id: Text = ""
    start_date: Text = ""
    end_date: Text = ""
    note: Text = ""
    status: Whole = None
    type: Text = ""
    """The service's name, HTML-escaped."""
    subservices: Ids = ""
    custom_data: Texts = ()
    custom_fields: Texts = ()
    ews_id: Text = ""
    timezone_id: Text = ""
    timezone_offset_seconds: Whole = None

    def carries(self, reference: str) -> bool:
        """Whether our reference stands in one of the places where it may have been kept."""
        return write_mark(reference) in self.note or reference in (*self.custom_data, *self.custom_fields, self.ews_id)

    @property
    def is_marked(self) -> bool:
        """Whether some reference of ours stands in the note."""
        return bool(MARK.search(self.note))


def write_mark(reference: str) -> str:
    """What stands at the start of the note, for staff and for finding it again."""
    return f"[{reference}]"
