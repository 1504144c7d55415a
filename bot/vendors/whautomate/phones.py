"""Phone numbers as Whautomate has them: a country code with its plus, and digits that may or may not repeat it."""

from dataclasses import dataclass

import phonenumbers

from bot.vendors.phones import national_digits, parse_phone
from bot.vendors.whautomate.payloads import ClientRow


@dataclass(frozen=True, slots=True)
class SplitPhone:
    """A number as a client's record takes it."""

    country_code: str
    """With the plus."""
    phone: str


def split_phone(phone: str) -> SplitPhone | None:
    """An E.164 number in two parts, or None if nobody can have it."""
    number = parse_phone(phone)
    if number is None or not phonenumbers.is_possible_number(number):
        return None
    return SplitPhone(f"+{number.country_code}", national_digits(phone))


def is_same_phone(row: ClientRow, phone: str) -> bool:
    """Whether a client's stored number is `phone`, with the country's digits repeated in it or not."""
    wanted = parse_phone(phone)
    code = "".join(filter(str.isdecimal, row.country_code))
    digits = "".join(filter(str.isdecimal, row.phone))
    spellings = [f"+{code}{digits}"] if code else []
    if not code or digits.startswith(code):
        spellings.append(f"+{digits}")
    return wanted is not None and wanted in [parse_phone(spelling) for spelling in spellings]
