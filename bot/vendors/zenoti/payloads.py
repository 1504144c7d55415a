"""Zenoti's answers as types, read leniently: unknown fields ignored, unusable ones empty. All keys are lower case by now."""

from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, Field

from bot.vendors.rows import Amount, AnyRow, Flag, Id, Row, Text, Whole, read_as_flag, read_as_list, read_as_object, read_as_text
from bot.vendors.rows import read_rows as read_any_rows


class CountryRow(Row):
    """`GET /v1/countries`, and `country` of a center."""

    id: Whole = None
    code: Text = Field("", validation_alias=AliasChoices("country_code", "code"))
    phone_code: Whole = None


class CurrencyRow(Row):
    """`currency` of a center."""

    code: Text = ""


class AddressRow(Row):
    """`address_info` of a center."""

    address_1: Text = ""
    address_2: Text = ""
    city: Text = ""
    zip_code: Text = ""


class CenterRow(Row):
    """`GET /v1/centers`."""

    id: Id
    name: Text = ""
    display_name: Text = ""
    country: Annotated[CountryRow, BeforeValidator(read_as_object)] = CountryRow()
    currency: Annotated[CurrencyRow, BeforeValidator(read_as_object)] = CurrencyRow()
    address: Annotated[AddressRow, BeforeValidator(read_as_object)] = Field(AddressRow(), validation_alias="address_info")


class PriceRow(Row):
    """`price_info` of a service; older payloads lack all but the first."""

    sale_price: Amount = None
    tax: Amount = None
    price_without_tax: Amount = None
    final_price: Amount = None


class CategoryRow(Row):
    """`category` in `additional_info`."""

    name: Text = ""


class AdditionalRow(Row):
    """`additional_info` of a service."""

    category: Annotated[CategoryRow, BeforeValidator(read_as_object)] = CategoryRow()


class CatalogRow(Row):
    """`catalog_info` of a service."""

    show_in_catalog: Flag = None
    can_book: Flag = None
    show_price: Flag = None
    display_name: Text = ""
    display_price: Text = ""


class KindRow(Row):
    """`variants_info` and `add_ons_info` of a service."""

    has_variant: Flag = None
    is_add_on: Flag = None


class ServiceRow(Row):
    """`GET /v1/centers/{id}/services`."""

    id: Id
    name: Text = ""
    description: Text = ""
    duration: Whole = None
    is_couple_service: Flag = None
    price_info: Annotated[PriceRow, BeforeValidator(read_as_object)] = PriceRow()
    additional_info: Annotated[AdditionalRow, BeforeValidator(read_as_object)] = AdditionalRow()
    catalog_info: Annotated[CatalogRow, BeforeValidator(read_as_object)] = CatalogRow()
    variants_info: Annotated[KindRow, BeforeValidator(read_as_object)] = KindRow()
    add_ons_info: Annotated[KindRow, BeforeValidator(read_as_object)] = KindRow()


class NameRow(Row):
    """`personal_info` of a therapist, or a therapist of the service list."""

    display_name: Text = ""
    name: Text = ""
    full_name: Text = ""
    first_name: Text = ""
    last_name: Text = ""

    @property
    def best_name(self) -> str:
        """What customers should read."""
        return self.display_name or self.full_name or self.name or f"{self.first_name} {self.last_name}".strip()


class TherapistRow(NameRow):
    """Either therapist list; the one by service is documented without its body."""

    id: Id
    can_book: Flag = None
    personal_info: Annotated[NameRow, BeforeValidator(read_as_object)] = NameRow()


class PhoneRow(Row):
    """`mobile_phone` of a guest. `country_code` is Zenoti's country id, not the dialling code."""

    country_id: Whole = Field(None, validation_alias=AliasChoices("country_code", "country_id"))
    number: Text = ""
    display_number: Text = ""


class PersonRow(Row):
    """`personal_info` of a guest."""

    first_name: Text = ""
    last_name: Text = ""
    email: Text = ""
    mobile_phone: Annotated[PhoneRow, BeforeValidator(read_as_object)] = Field(
        PhoneRow(), validation_alias=AliasChoices("mobile_phone", "mobile")
    )


class GuestRow(Row):
    """`GET /v1/guests/search`."""

    id: Id
    center_id: Text = ""
    personal_info: Annotated[PersonRow, BeforeValidator(read_as_object)] = PersonRow()


class SlotRow(Row):
    """A row of `slots`: the wall clock at the center, without offset."""

    time: Text
    available: Flag = None
    saleprice: Amount = None


class FutureDayRow(Row):
    """A row of `future_days`; its keys are nowhere documented."""

    day: Text = Field("", validation_alias=AliasChoices("day", "date"))
    is_available: Flag = Field(None, validation_alias=AliasChoices("isavailable", "is_available", "available"))


class NamedRow(NameRow):
    """A service or a therapist inside an appointment."""

    id: Text = ""
    item_display_name: Text = ""


class ItemRow(Row):
    """A row of `invoice.items` in the answer to confirm."""

    appointment_id: Text = ""
    invoice_item_id: Text = ""
    item: Annotated[NamedRow, BeforeValidator(read_as_object)] = NamedRow()
    therapist: Annotated[NamedRow, BeforeValidator(read_as_object)] = NamedRow()
    start_time: Text = ""
    end_time: Text = ""


class ServiceLineRow(Row):
    """A row of `appointment_services` of a guest's appointment."""

    appointment_id: Id = Field(validation_alias=AliasChoices("appointment_id", "id"))
    invoice_item_id: Text = ""
    service: NamedRow
    requested_therapist_id: Text = ""
    therapist: Annotated[NamedRow, BeforeValidator(read_as_object)] = NamedRow()
    start_time: Text
    end_time: Text = ""
    status: Whole = Field(None, validation_alias=AliasChoices("appointment_status", "status"))
    is_addon: Flag = None


class GroupRow(Row):
    """A row of `GET /v1/guests/{id}/appointments`."""

    appointment_group_id: Text = ""
    invoice_id: Text = ""
    center_id: Text = ""
    notes: Text = ""
    lines: Annotated[list[ServiceLineRow], BeforeValidator(read_as_list)] = Field(validation_alias="appointment_services")


def read_rows(kind: type[AnyRow], data: Any, name: str, *, is_strict: bool = False) -> tuple[AnyRow, ...]:
    """The rows under `name`; see `bot.vendors.rows.read_rows`."""
    found = data.get(name) if isinstance(data, dict) else None
    return read_any_rows(kind, found, name, source="zenoti", is_strict=is_strict)


def read_groups(rows: list[Any]) -> tuple[GroupRow, ...]:
    """Strictly: an appointment that we failed to read must not pass for one that is not there."""
    return read_rows(GroupRow, {"appointments": rows}, "appointments", is_strict=True)


def read_text(data: Any, *names: str) -> str:
    """The first filled text among these keys."""
    if not isinstance(data, dict):
        return ""
    return next((text for text in (read_as_text(data.get(name)) for name in names) if text), "")


def read_flag(data: Any, name: str) -> bool | None:
    """True, False, or None for anything else."""
    return read_as_flag(data.get(name)) if isinstance(data, dict) else None
