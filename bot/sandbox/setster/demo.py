"""The demo accounts: owner, key and company of each, and Setster's numbers for what the salon's book knows."""

from dataclasses import dataclass, replace

from bot.sandbox.salon.business import Business, Place
from bot.sandbox.salon.demo import BUSINESSES, KEY_HARBOUR, KEY_RIVERSIDE
from bot.sandbox.salon.directory import Spelling, number_ids

FIRST_VISIT = 19_500_000_000
"""Appointment numbers are beyond 32 bits (wire notes, section 1)."""
FIRST_PLACE, FIRST_PERSON, FIRST_SERVICE, FIRST_CLIENT = 500, 6, 87, 4400

ZONE_NUMBERS = {"America/New_York": 553, "Europe/Lisbon": 312, "Asia/Kolkata": 421, "Europe/Madrid": 318, "Etc/UTC": 1}
"""Numbers of our own but for the first, which the vendor's pages name."""


@dataclass(frozen=True, slots=True)
class Account:
    """What a login names, and what it opens."""

    api_key: str
    email: str
    company_id: str
    time_zone: str
    """IANA zone of the company: its head office's."""
    nickname: str
    business: Business


ACCOUNTS: tuple[Account, ...] = (
    Account(KEY_HARBOUR, "owner@harbour.example", "3001", "Europe/Lisbon", "harbourstudio", BUSINESSES[KEY_HARBOUR]),
    Account(KEY_RIVERSIDE, "owner@riverside.example", "3002", "Europe/Madrid", "riversidephysio", BUSINESSES[KEY_RIVERSIDE]),
)


def spell_ids() -> Spelling:
    """Numbers for everything; a price belongs to a service, so each place has services of its own."""
    plain = number_ids((account.business for account in ACCOUNTS), is_service_local=True)
    return replace(
        plain,
        place=lambda place: str(FIRST_PLACE + int(plain.place(place))),
        person=lambda person: str(FIRST_PERSON + int(plain.person(person))),
        treatment=lambda place, treatment: str(FIRST_SERVICE + int(plain.treatment(place, treatment))),
        visit=lambda number: str(FIRST_VISIT + number),
        guest=lambda number: str(FIRST_CLIENT + number),
    )


def find_account(key: str) -> Account:
    return next(account for account in ACCOUNTS if account.api_key == key)


def list_time_zones(key: str) -> dict[str, str]:
    """IANA zone by location id, as an operator would write it into frontdesk.toml."""
    spell = spell_ids().place
    places: tuple[Place, ...] = find_account(key).business.places
    return {spell(place): place.time_zone for place in places}
