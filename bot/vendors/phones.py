"""Phone numbers as the vendors that split them have them."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat


def parse_phone(text: str) -> PhoneNumber | None:
    """A number with its country code, reduced to what identifies it; None if it is none."""
    try:
        number = phonenumbers.parse(text)
    except NumberParseException:
        return None
    return phonenumbers.parse(phonenumbers.format_number(number, PhoneNumberFormat.E164))


def national_digits(phone: str) -> str:
    """The digits after the country code; empty for what is no number."""
    number = parse_phone(phone)
    return phonenumbers.national_significant_number(number) if number else ""
