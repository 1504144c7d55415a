"""Harbour Studio: three places, in Lisbon, New York and Mumbai."""

from dataclasses import dataclass
from datetime import time
from typing import Literal

from bot.sandbox.salon.business import Business, Country, Hours, Person, Place, Treatment, fold_name, make_id

_HAIR, _NAILS, _MASSAGE, _FACE = "Hair", "Nails", "Massage", "Face"


def _id(*parts: str) -> str:
    return make_id("harbour", *parts)


@dataclass(frozen=True, slots=True)
class _Row:
    treatment: Treatment
    eur: float
    usd: float
    inr: float


def _row(
    key: str,
    name: str,
    category: str,
    *,
    minutes: int,
    prices: tuple[float, float, float],
    about: str = "",
    recovery: int = 0,
    add_ons: tuple[str, ...] = (),
    can_book: bool = True,
    is_couple: bool = False,
    is_add_on: bool = False,
    is_variant: bool = False,
    has_variant: bool = False,
) -> _Row:
    treatment = Treatment(
        id=_id("service", key),
        key=key,
        name=name,
        category=category,
        minutes=minutes,
        description=about,
        recovery_minutes=recovery,
        can_book=can_book,
        is_couple=is_couple,
        is_add_on=is_add_on,
        add_on_keys=add_ons,
        is_variant=is_variant,
        has_variant=has_variant,
    )
    return _Row(treatment, *prices)


_ROWS: dict[str, _Row] = {
    "cut": _row(
        "cut",
        "Haircut & finish",
        _HAIR,
        minutes=60,
        prices=(42, 85, 1500),
        add_ons=("scalp",),
        about="Wash, cut and blow-dry, with time to talk it through first.",
    ),
    "beard": _row(
        "beard", "Beard trim", _HAIR, minutes=20, prices=(15, 28, 450), about="Shaped, trimmed and finished with warm oil."
    ),
    "blow": _row("blow", "Blow-dry", _HAIR, minutes=45, prices=(28, 55, 900), about="Wash and style for the day or the night."),
    "colour": _row("colour", "Hair colour", _HAIR, minutes=90, prices=(85, 150, 3200), has_variant=True),
    "colour-s": _row(
        "colour-s", "Hair colour, short hair", _HAIR, minutes=90, prices=(85, 150, 3200), recovery=5, is_variant=True
    ),
    "colour-l": _row(
        "colour-l", "Hair colour, long hair", _HAIR, minutes=120, prices=(110, 195, 4200), recovery=5, is_variant=True
    ),
    "mani": _row(
        "mani",
        "Manicure",
        _NAILS,
        minutes=45,
        prices=(24, 42, 800),
        add_ons=("gel",),
        about="Shape, cuticles, hand massage and polish.",
    ),
    "pedi": _row(
        "pedi",
        "Pedicure",
        _NAILS,
        minutes=60,
        prices=(32, 58, 1100),
        recovery=5,
        add_ons=("gel",),
        about="A warm soak, smooth heels and fresh polish.",
    ),
    "swed": _row(
        "swed",
        "Swedish massage",
        _MASSAGE,
        minutes=60,
        prices=(55, 125, 2800),
        recovery=10,
        add_ons=("stones",),
        about="Long, calm strokes for a tired back.",
    ),
    "deep": _row(
        "deep",
        "Deep tissue massage",
        _MASSAGE,
        minutes=90,
        prices=(78, 165, 3900),
        recovery=10,
        add_ons=("stones",),
        about="Slow and firm, for shoulders that never let go.",
    ),
    "couple": _row("couple", "Massage for two", _MASSAGE, minutes=60, prices=(105, 240, 5200), recovery=15, is_couple=True),
    "glow": _row("glow", "Express facial", _FACE, minutes=30, prices=(35, 70, 1400), about="A quick clean and glow over lunch."),
    "facial": _row(
        "facial",
        "Signature facial",
        _FACE,
        minutes=75,
        prices=(68, 140, 3000),
        recovery=10,
        add_ons=("eyes",),
        about="Cleanse, steam, mask and a face massage.",
    ),
    "lash": _row("lash", "Lash lift", _FACE, minutes=50, prices=(45, 95, 1800), about="A natural curl that stays six weeks."),
    "bridal": _row("bridal", "Bridal consultation", _FACE, minutes=30, prices=(0, 0, 0), can_book=False),
    "scalp": _row("scalp", "Scalp ritual", _HAIR, minutes=15, prices=(12, 25, 400), is_add_on=True),
    "gel": _row("gel", "Gel polish", _NAILS, minutes=15, prices=(10, 18, 350), is_add_on=True),
    "stones": _row("stones", "Hot stones", _MASSAGE, minutes=15, prices=(15, 30, 600), is_add_on=True),
    "eyes": _row("eyes", "Cooling eye mask", _FACE, minutes=0, prices=(8, 15, 300), is_add_on=True),
}

_SKILLS = {
    "hair": ("cut", "blow", "colour-s", "colour-l"),
    "barber": ("cut", "beard"),
    "nails": ("mani", "pedi"),
    "massage": ("swed", "deep", "couple"),
    "face": ("glow", "facial", "lash", "bridal"),
}


def _person(
    place: str,
    name: str,
    *,
    gender: Literal["female", "male"],
    job: str,
    skills: str,
    shift: tuple[int, int],
    off: int,
    shown: bool = True,
) -> Person:
    first, last = name.split(" ", 1)
    return Person(
        id=_id(place, "therapist", name),
        key=f"{place}-{fold_name(first)}",
        first_name=first,
        last_name=last,
        gender=gender,
        job=job,
        skills=frozenset(key for skill in skills.split() for key in _SKILLS[skill]),
        shift=(time(shift[0]), time(shift[1])),
        day_off=off,
        in_catalog=shown,
    )


def _week(open_at: int, close_at: int, *, closed: int, short: int) -> tuple[Hours | None, ...]:
    """A week with one closed day and one short one (until 16:00); Monday = 0."""
    return tuple(None if day == closed else (time(open_at), time(16 if day == short else close_at)) for day in range(7))


_LISBON = Place(
    id=_id("center", "lisbon"),
    key="lisbon",
    name="Harbour",
    city="Lisboa",
    address="Rua da Bica 14",
    zip_code="1200-054",
    phone="210000140",
    country=Country("PT", 351, "Portugal"),
    currency="EUR",
    time_zone="Europe/Lisbon",
    week=_week(9, 20, closed=6, short=5),
    people=(
        _person(
            "lisbon", "Anna Lindqvist", gender="female", job="Massage therapist", skills="massage face", shift=(9, 18), off=2
        ),
        _person("lisbon", "Inês Duarte", gender="female", job="Stylist", skills="hair", shift=(9, 17), off=0),
        _person("lisbon", "Tomás Ferreira", gender="male", job="Barber", skills="barber", shift=(12, 20), off=1),
        _person("lisbon", "Beatriz Sousa", gender="female", job="Nail artist", skills="nails face", shift=(10, 19), off=3),
        _person("lisbon", "Rui Carvalho", gender="male", job="Massage therapist", skills="massage", shift=(12, 20), off=4),
    ),
    prices={key: row.eur for key, row in _ROWS.items()},
    first_guest_number=912000140,
)

_BROOKLYN = Place(
    id=_id("center", "brooklyn"),
    key="brooklyn",
    name="Brooklyn",
    city="Brooklyn",
    address="212 Bedford Ave",
    zip_code="11249",
    phone="7185550140",
    country=Country("US", 1, "United States"),
    currency="USD",
    time_zone="America/New_York",
    week=_week(10, 20, closed=0, short=6),
    people=(
        _person("brooklyn", "Maya Johnson", gender="female", job="Stylist", skills="hair barber", shift=(10, 18), off=1),
        _person("brooklyn", "Leo Ramirez", gender="male", job="Barber", skills="barber massage", shift=(12, 20), off=3),
        _person("brooklyn", "Grace Okafor", gender="female", job="Nail artist", skills="nails face", shift=(10, 18), off=2),
        _person(
            "brooklyn", "Hannah Weiss", gender="female", job="Massage therapist", skills="massage face", shift=(11, 20), off=5
        ),
    ),
    prices={key: row.usd for key, row in _ROWS.items()},
    first_guest_number=2125550140,
)

_BANDRA = Place(
    id=_id("center", "bandra"),
    key="bandra",
    name="Bandra",
    city="Mumbai",
    address="7 Hill Road, Bandra West",
    zip_code="400050",
    phone="2200000140",
    country=Country("IN", 91, "India"),
    currency="INR",
    time_zone="Asia/Kolkata",
    week=_week(10, 21, closed=1, short=-1),
    people=(
        _person("bandra", "Aarav Mehta", gender="male", job="Stylist", skills="hair barber", shift=(10, 19), off=2),
        _person("bandra", "Kavya Iyer", gender="female", job="Beautician", skills="nails face", shift=(10, 18), off=3),
        _person("bandra", "Zoya Khan", gender="female", job="Massage therapist", skills="massage face", shift=(12, 21), off=0),
        _person("bandra", "Rohan D'Souza", gender="male", job="Massage therapist", skills="massage", shift=(11, 20), off=4),
        _person("bandra", "Meera Nair", gender="female", job="Trainee", skills="nails hair", shift=(10, 18), off=6, shown=False),
    ),
    prices={key: row.inr for key, row in _ROWS.items()},
    first_guest_number=9820000140,
)

HARBOUR = Business(
    slug="harbour",
    name="Harbour Studio",
    places=(_LISBON, _BROOKLYN, _BANDRA),
    treatments={key: row.treatment for key, row in _ROWS.items()},
    guest_names=(
        ("Sofia", "Almeida"),
        ("Mia", "Chen"),
        ("Noah", "Bennett"),
        ("Clara", "Monteiro"),
        ("Ishaan", "Kapoor"),
        ("Emma", "Larsen"),
        ("Miguel", "Santos"),
        ("Ananya", "Rao"),
        ("Olivia", "Brooks"),
        ("Duarte", "Lopes"),
        ("Farah", "Siddiqui"),
        ("Julia", "Novak"),
        ("Ethan", "Park"),
        ("Leonor", "Pinto"),
        ("Vikram", "Joshi"),
        ("Chloe", "Martin"),
        ("Tiago", "Rocha"),
        ("Nina", "Petrov"),
        ("Arjun", "Desai"),
        ("Zoe", "Campbell"),
        ("Marta", "Nogueira"),
    ),
)
