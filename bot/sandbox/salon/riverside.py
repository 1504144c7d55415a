"""Riverside Physio: one place in Madrid, one therapist."""

from datetime import time

from bot.sandbox.salon.business import Business, Country, Person, Place, Treatment, make_id


def _id(*parts: str) -> str:
    return make_id("riverside", *parts)


def _treatment(key: str, name: str, *, minutes: int, recovery: int = 0, about: str = "") -> Treatment:
    return Treatment(
        id=_id("service", key),
        key=key,
        name=name,
        category="Fisioterapia",
        minutes=minutes,
        description=about,
        recovery_minutes=recovery,
    )


_PRICED: tuple[tuple[Treatment, float], ...] = (
    (_treatment("valoracion", "Primera valoración", minutes=45, about="Escuchamos, exploramos y hacemos un plan contigo."), 40),
    (_treatment("sesion", "Sesión de fisioterapia", minutes=60, recovery=10, about="Tratamiento manual y ejercicio."), 55),
    (_treatment("deporte", "Fisioterapia deportiva", minutes=60, recovery=10, about="Para volver a entrenar sin dolor."), 60),
    (_treatment("puncion", "Punción seca", minutes=30, recovery=5, about="Alivio rápido de contracturas."), 38),
)

_WEEKDAY = (time(9), time(19))

_LUCIA = Person(
    id=_id("therapist", "lucia"),
    key="madrid-lucia",
    first_name="Lucía",
    last_name="Romero",
    gender="female",
    job="Fisioterapeuta",
    skills=frozenset(treatment.key for treatment, _ in _PRICED),
    shift=_WEEKDAY,
    day_off=-1,
)

_MADRID = Place(
    id=_id("center", "madrid"),
    key="madrid",
    name="Riverside Physio",
    city="Madrid",
    address="Paseo de la Chopera 31",
    zip_code="28045",
    phone="910000140",
    country=Country("ES", 34, "Spain"),
    currency="EUR",
    time_zone="Europe/Madrid",
    week=(_WEEKDAY, _WEEKDAY, _WEEKDAY, _WEEKDAY, _WEEKDAY, (time(9), time(14)), None),
    people=(_LUCIA,),
    prices={treatment.key: price for treatment, price in _PRICED},
    first_guest_number=612000140,
)

RIVERSIDE = Business(
    slug="riverside",
    name="Riverside Physio",
    places=(_MADRID,),
    treatments={treatment.key: treatment for treatment, _ in _PRICED},
    guest_names=(
        ("Carmen", "Ortega"),
        ("Javier", "Molina"),
        ("Elena", "Prieto"),
        ("Pablo", "Herrero"),
        ("Marina", "Castaño"),
        ("Álvaro", "Nieto"),
        ("Teresa", "Vidal"),
    ),
)
