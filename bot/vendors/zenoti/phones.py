"""Phone numbers as Zenoti has them: its own country id and the national digits."""

from collections.abc import Iterable
from dataclasses import dataclass

import phonenumbers

from bot.vendors.phones import national_digits, parse_phone
from bot.vendors.zenoti.payloads import CountryRow, PhoneRow


@dataclass(frozen=True, slots=True)
class ZenotiPhone:
    """A number as `mobile_phone` wants it."""

    country_id: int
    number: str


class Countries:
    """Zenoti's country table: dialling code ↔ country id."""

    def __init__(self, rows: Iterable[CountryRow]) -> None:
        self._rows = [row for row in rows if row.id is not None and row.id >= 0 and row.phone_code]
        self._dials = {row.id: row.phone_code for row in self._rows}

    def encode(self, phone: str, country: str) -> ZenotiPhone | None:
        """An E.164 number for Zenoti, or None if it is no number or of a country that the table lacks.

        Several countries share +1 and others: the number's own country is taken, else the center's `country`
        (ISO 3166), else the code's main country.
        """
        number = parse_phone(phone)
        if number is None:
            return None
        shared = [row for row in self._rows if row.phone_code == number.country_code]
        wishes = (
            phonenumbers.region_code_for_number(number),
            country,
            phonenumbers.region_code_for_country_code(number.country_code or 0),
        )
        for wish in wishes:
            for row in shared:
                if wish and row.code.upper() == wish and row.id is not None:
                    return ZenotiPhone(row.id, national_digits(phone))
        return ZenotiPhone(shared[0].id, national_digits(phone)) if shared and shared[0].id is not None else None

    def is_same(self, row: PhoneRow, phone: str) -> bool:
        """Whether a guest's stored number really is `phone`. What cannot be told is not the same."""
        wanted = parse_phone(phone)
        dial = self._dials.get(row.country_id) if row.country_id is not None else None
        digits = "".join(filter(str.isdecimal, row.number))
        stored = parse_phone(f"+{dial}{digits}" if dial and digits else row.display_number)
        return wanted is not None and stored == wanted
