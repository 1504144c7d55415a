"""A typed line as a person's name, phone number or e-mail address."""

import re
import unicodedata

import phonenumbers

from flows.words import is_taken_word

# Names outside these bounds are jokes or sentences.
SHORTEST_NAME, LONGEST_NAME, MOST_WORDS = 2, 60, 5

# RFC 5321 section 4.5.3.1.3.
LONGEST_ADDRESS = 254

# Fewer digits are a row, an hour or a date, whatever a numbering plan allows.
FEWEST_DIGITS = 7

# Unicode categories of emoji and what joins and colours them.
SYMBOLS = frozenset({"So", "Sk", "Sm", "Cf", "Cn", "Mn", "Me", "Co"})

_INTRODUCTION = re.compile(r"^\s*(?:my name is|my name's|i am|i'm|it's|this is|me llamo|mi nombre es|soy)\s+", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|\w\u0301|[ .'’\-\u00b7])*", re.UNICODE)  # noqa: RUF001
_ADDRESS = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]{2,}")
_NUMBER = re.compile(r"\+?[\d\s().\-/]+")


def read_name(text: str) -> str | None:
    """The name in the line, or None where it does not look like one (a command, a question, emoji, a sentence)."""
    name = " ".join(_INTRODUCTION.sub("", text).split()).strip(" .,!")
    if not SHORTEST_NAME <= len(name) <= LONGEST_NAME or len(name.split()) > MOST_WORDS:
        return None
    if not _NAME.fullmatch(name) or is_taken_word(name):
        return None
    return name


def drop_symbols(name: str) -> str:
    """A platform's name without the emoji people put into it: "Mia 🌸" is called Mia."""
    return " ".join("".join(mark for mark in name if unicodedata.category(mark) not in SYMBOLS).split())


def read_phone(text: str, region: str) -> str | None:
    """The number in E.164, or None. Without `+` it is read as one of `region` (ISO 3166 alpha-2)."""
    if not _NUMBER.fullmatch(text.strip()) or sum(mark.isdigit() for mark in text) < FEWEST_DIGITS:
        return None
    # Numbering plans change faster than libraries: a number written in full need only be possible.
    return _parse(text, region, is_strict=not text.strip().startswith("+"))


def show_phone(phone: str) -> str:
    """An E.164 number as people read it: "+351 912 345 678"."""
    try:
        return phonenumbers.format_number(phonenumbers.parse(phone), phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except phonenumbers.NumberParseException:
        return phone


def read_own_phone(phone: str, region: str) -> str | None:
    """A number the platform vouches for, in E.164. Platforms leave out the `+` of an international number."""
    full = f"+{phone.strip().lstrip('+')}"
    return _parse(full, "", is_strict=True) or _parse(phone, region, is_strict=True) or read_phone(full, "")


def read_email(text: str) -> str | None:
    """The address in the line, or None."""
    address = text.strip()
    is_good = len(address) <= LONGEST_ADDRESS and address.isprintable() and _ADDRESS.fullmatch(address)
    return address if is_good else None


def _parse(text: str, region: str, *, is_strict: bool) -> str | None:
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return None
    is_good = phonenumbers.is_valid_number(number) or (not is_strict and phonenumbers.is_possible_number(number))
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if is_good else None
