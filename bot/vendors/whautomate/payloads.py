"""Whautomate's answers as types. Keys are camel case; references to other records are small objects."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from bot.vendors.rows import ID, Amount, AnyRow, Flag, Id, Row, Text, Whole, read_as_list, read_as_object
from bot.vendors.rows import read_rows as read_any_rows

SLUG = "whautomate"


class NamedRow(Row):
    """A location, client, service or staff member inside another record."""

    id: Text = ""
    title: Text = ""
    name: Text = ""
    full_name: Text = Field("", validation_alias="fullName")
    minutes: Whole = Field(None, validation_alias="durationMinutes")


Named = Annotated[NamedRow, BeforeValidator(read_as_object)]


def _only_objects(value: Any) -> Any:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


NamedList = Annotated[tuple[NamedRow, ...], BeforeValidator(_only_objects)]


class LocationRow(Row):
    """`GET /v1/locations`."""

    id: Id
    title: Text = ""
    address_1: Text = Field("", validation_alias="addressLine1")
    address_2: Text = Field("", validation_alias="addressLine2")
    city: Text = ""
    post_code: Text = Field("", validation_alias="postalCode")


class StaffRow(Row):
    """`GET /v1/staffs`."""

    id: Id
    first_name: Text = Field("", validation_alias="firstName")
    last_name: Text = Field("", validation_alias="lastName")
    is_active: Flag = Field(None, validation_alias="active")
    locations: Annotated[tuple[Text, ...], BeforeValidator(lambda value: value if isinstance(value, list) else [])] = ()

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class ServiceRow(Row):
    """`GET /v1/services`."""

    id: Id
    kind: Text = Field("", validation_alias="serviceType")
    name: Text = ""
    description: Text = ""
    place: Text = Field("", validation_alias="type")
    location: Named = NamedRow()
    minutes: Whole = Field(None, validation_alias="durationMinutes")
    categories: NamedList = ()
    staffs: NamedList = ()
    add_ons: NamedList = Field((), validation_alias="addOnServices")
    price: Amount = Field(None, validation_alias="sellingPrice")
    is_active: Flag = Field(None, validation_alias="active")
    is_bookable: Flag = Field(None, validation_alias="allowOnlineBooking")


class SlotRow(Row):
    """A row of `slots`. The text of `startTime` is what a booking sends back."""

    starts: Text = Field(validation_alias="startTime", min_length=1)
    ends: Text = Field("", validation_alias="endTime")


class DayRow(Row):
    """A row of `GET /v1/appointments/slots`."""

    date: Text
    zone: Text = Field("", validation_alias="timezone")
    slots: Annotated[list[Any], BeforeValidator(read_as_list)] = Field(default_factory=list)


class ClientRow(Row):
    """`GET /v1/clients/{id}`."""

    id: Id
    full_name: Text = Field("", validation_alias="fullName")
    country_code: Text = Field("", validation_alias="countryCode")
    phone: Text = ""


class AppointmentRow(Row):
    """The same object in every answer about appointments. `startTime` and `endTime` lie about their zone: not read.

    A number in the place of the id is no id of an appointment: what was booked could not be moved or cancelled by it.
    """

    id: Annotated[str, StringConstraints(pattern=ID)]
    location: Named = NamedRow()
    client: Named = NamedRow()
    staff: Named = NamedRow()
    service: Named = NamedRow()
    add_ons: NamedList = Field((), validation_alias="addOnServices")
    zone: Text = Field("", validation_alias="timezone")
    starts: Text = Field(validation_alias="startTimeUTC", min_length=1)
    ends: Text = Field("", validation_alias="endTimeUTC")
    status: Text = ""
    notes: Text = ""


def read_rows(kind: type[AnyRow], found: Any, name: str, *, is_strict: bool = False) -> tuple[AnyRow, ...]:
    """See `bot.vendors.rows.read_rows`."""
    return read_any_rows(kind, found, name, source=SLUG, is_strict=is_strict)
