"""The demo business Riverside Physio: one center in Madrid, one therapist."""

from datetime import time

from bot.sandbox.zenoti.catalogue import Category, Center, Currency, Organization, Service, Therapist, Zone, make_guid
from bot.sandbox.zenoti.countries import find_country


def _guid(*parts: str) -> str:
    return make_guid("riverside", *parts)


_PHYSIO = Category(_guid("category", "physio"), "Fisioterapia")


def _service(key: str, name: str, *, minutes: int, recovery: int = 0, about: str = "") -> Service:
    return Service(
        id=_guid("service", key),
        code=key.upper(),
        name=name,
        minutes=minutes,
        category=_PHYSIO,
        description=about,
        recovery_minutes=recovery,
    )


_PRICED: tuple[tuple[Service, float], ...] = (
    (_service("valoracion", "Primera valoración", minutes=45, about="Escuchamos, exploramos y hacemos un plan contigo."), 40),
    (_service("sesion", "Sesión de fisioterapia", minutes=60, recovery=10, about="Tratamiento manual y ejercicio."), 55),
    (_service("deporte", "Fisioterapia deportiva", minutes=60, recovery=10, about="Para volver a entrenar sin dolor."), 60),
    (_service("puncion", "Punción seca", minutes=30, recovery=5, about="Alivio rápido de contracturas."), 38),
)

_WEEKDAY = (time(9), time(19))

_LUCIA = Therapist(
    id=_guid("therapist", "lucia"),
    code="MA01",
    first_name="Lucía",
    last_name="Romero",
    gender=0,
    job="Fisioterapeuta",
    service_ids=frozenset(service.id for service, _ in _PRICED),
    shift=_WEEKDAY,
    day_off=-1,
    room="Sala 1",
)

_MADRID = Center(
    id=_guid("center", "madrid"),
    code="RVS",
    name="Riverside Physio",
    city="Madrid",
    address="Paseo de la Chopera 31",
    zip_code="28045",
    phone="910000140",
    country=find_country("ES"),
    currency=Currency(47, "EUR", "Euro"),
    time_zone=Zone("Europe/Madrid", 38, "(UTC+01:00) Brussels, Copenhagen, Madrid, Paris"),
    culture="es-ES",
    tax_percent=0,
    prices_include_tax=True,
    prices={service.id: price for service, price in _PRICED},
    week=(_WEEKDAY, _WEEKDAY, _WEEKDAY, _WEEKDAY, _WEEKDAY, (time(9), time(14)), None),
    therapists=(_LUCIA,),
)

RIVERSIDE_PHYSIO = Organization(
    id=_guid("organization"),
    name="Riverside Physio",
    centers=(_MADRID,),
    categories=(_PHYSIO,),
    services={service.id: service for service, _ in _PRICED},
    guest_names=(
        ("Carmen", "Ortega"),
        ("Javier", "Molina"),
        ("Elena", "Prieto"),
        ("Pablo", "Herrero"),
        ("Marina", "Castaño"),
        ("Álvaro", "Nieto"),
        ("Teresa", "Vidal"),
    ),
    mandatory_guest_fields=frozenset({"mobile_phone"}),
)
