"""What an organisation on the Zenoti emulator is made of: centers, services, therapists. Frozen."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.sandbox.salon.business import Business, Hours
from bot.sandbox.salon.business import make_id as make_guid
from bot.sandbox.zenoti.switches import GuestField

__all__ = [
    "Category",
    "Center",
    "Country",
    "Currency",
    "Organization",
    "Price",
    "Service",
    "Therapist",
    "Zone",
    "find_price",
    "make_guid",
]


@dataclass(frozen=True, slots=True)
class Country:
    """A row of `/v1/countries`; `id` is what Zenoti calls `country_code` in phone numbers."""

    id: int
    code: str
    phone_code: int
    name: str


@dataclass(frozen=True, slots=True)
class Category:
    """A group of services."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the organisation; what it costs is said per center."""

    id: str
    code: str
    name: str
    minutes: int
    category: Category
    description: str = ""
    recovery_minutes: int = 0
    can_book: bool = True
    in_catalog: bool = True
    is_couple: bool = False
    is_add_on: bool = False
    add_on_ids: tuple[str, ...] = ()
    is_variant: bool = False
    has_variant: bool = False


@dataclass(frozen=True, slots=True)
class Therapist:
    """A person of one center: skills, hours of work, one day off a week."""

    id: str
    code: str
    first_name: str
    last_name: str
    gender: int
    """0 female, 1 male (§15)."""
    job: str
    service_ids: frozenset[str]
    shift: Hours
    day_off: int
    """Weekday, Monday = 0; -1 for none besides the center's own."""
    room: str
    in_catalog: bool = True

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency and Zenoti's number for it."""

    id: int
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone: the truth (IANA), and the text with a fixed offset that Zenoti shows instead."""

    iana: str
    id: int
    text: str


@dataclass(frozen=True, slots=True)
class Center:
    """A place. All its wall times are in `zone`."""

    id: str
    code: str
    name: str
    city: str
    address: str
    zip_code: str
    phone: str
    country: Country
    currency: Currency
    time_zone: Zone
    culture: str
    tax_percent: float
    prices_include_tax: bool
    prices: dict[str, float]
    """Service id to list price; a service without one is not offered here."""
    week: tuple[Hours | None, ...]
    """Monday first; None on the closed day."""
    therapists: tuple[Therapist, ...]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone.iana)

    def find_therapist(self, therapist_id: str) -> Therapist | None:
        return next((one for one in self.therapists if one.id == therapist_id), None)

    def find_hours(self, day: date) -> tuple[datetime, datetime] | None:
        """Opening and closing of `day` in the center's wall time (naive), or None when closed."""
        hours = self.week[day.weekday()]
        return None if hours is None else (datetime.combine(day, hours[0]), datetime.combine(day, hours[1]))

    def find_shift(self, therapist: Therapist, day: date) -> tuple[datetime, datetime] | None:
        """When `therapist` works on `day`, in the center's wall time (naive), or None."""
        hours = self.find_hours(day)
        if hours is None or therapist.day_off == day.weekday():
            return None
        start = max(hours[0], datetime.combine(day, therapist.shift[0]))
        end = min(hours[1], datetime.combine(day, therapist.shift[1]))
        return (start, end) if start < end else None


@dataclass(frozen=True, slots=True)
class Price:
    """What a service costs at a center (§6)."""

    sale: float
    tax: float
    final: float
    without_tax: float


@dataclass(frozen=True, slots=True)
class Organization:
    """Everything one API key can see."""

    id: str
    name: str
    business: Business
    centers: tuple[Center, ...]
    categories: tuple[Category, ...]
    services: dict[str, Service]
    mandatory_guest_fields: frozenset[GuestField] = frozenset()

    def find_center(self, center_id: str) -> Center | None:
        return next((center for center in self.centers if center.id == center_id), None)

    def find_therapist(self, therapist_id: str) -> Therapist | None:
        found = (center.find_therapist(therapist_id) for center in self.centers)
        return next((therapist for therapist in found if therapist is not None), None)


def find_price(center: Center, service_ids: tuple[str, ...]) -> Price:
    """The price of services together; `final` is what the guest pays."""
    listed = sum(center.prices.get(service_id, 0.0) for service_id in service_ids)
    if center.prices_include_tax:
        bare = round(listed / (1 + center.tax_percent / 100), 2)
        return Price(sale=listed, tax=round(listed - bare, 2), final=listed, without_tax=bare)
    tax = round(listed * center.tax_percent / 100, 2)
    return Price(sale=listed, tax=tax, final=round(listed + tax, 2), without_tax=listed)
