"""A vendor's answers as types, read leniently: unknown fields ignored, unusable ones empty."""

import logging
import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Annotated, Any, TypeVar

from babel.numbers import get_currency_precision
from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError

from bot.errors import VendorChanged
from bot.model import Money

log = logging.getLogger(__name__)

ID = r"^[A-Za-z0-9_-]{1,64}$"
"""What we take for an id: it goes into paths and buttons."""
MOST = Decimal(10**12)
"""No price is higher, in any currency."""


def read_as_text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def read_as_whole(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and len(value) < 20:
        value = value.strip()
        return int(value) if value.lstrip("-").isdecimal() and value.isascii() else None
    return int(value) if isinstance(value, int | float) and value == value // 1 and abs(value) < 1e15 else None


def read_as_flag(value: Any) -> bool | None:
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.strip().lower())
    return bool(value) if value in (True, False) else None


def read_as_amount(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str) or len(str(value)) > 20:
        return None
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount <= MOST else None


def read_as_list(value: Any) -> Any:
    return [] if value is None else value


def read_as_object(value: Any) -> Any:
    return value if isinstance(value, dict | BaseModel) else {}


Text = Annotated[str, BeforeValidator(read_as_text)]
Id = Annotated[str, BeforeValidator(read_as_text), StringConstraints(pattern=ID)]
Whole = Annotated[int | None, BeforeValidator(read_as_whole)]
Flag = Annotated[bool | None, BeforeValidator(read_as_flag)]
Amount = Annotated[Decimal | None, BeforeValidator(read_as_amount)]


class Row(BaseModel):
    """Base of everything read."""

    model_config = ConfigDict(extra="ignore", frozen=True)


AnyRow = TypeVar("AnyRow", bound=Row)


def read_rows(kind: type[AnyRow], found: Any, name: str, *, source: str, is_strict: bool = False) -> tuple[AnyRow, ...]:
    """The rows of a list. Unusable ones are left out, unless none is usable or `is_strict`: then `VendorChanged`.

    `name` and `source` say in logs and errors which list of which vendor it is.
    """
    if not isinstance(found, list):
        raise VendorChanged(f"{name} is not a list", source=source)
    rows = []
    for item in found:
        try:
            rows.append(kind.model_validate(item))
        except ValidationError:
            if is_strict:
                raise VendorChanged(f"unreadable row in {name}", source=source) from None
    if found and not rows:
        raise VendorChanged(f"no readable row in {name}", source=source)
    if len(rows) < len(found):
        log.warning("%s: %d of %d rows of %s left out", source, len(found) - len(rows), len(found), name)
    return tuple(rows)


def map_money(amount: Decimal | None, currency: str) -> Money | None:
    """Major units, rounded to the currency's smallest unit by CLDR's digits; None without amount or currency."""
    if amount is None or not re.fullmatch(r"[A-Z]{3}", currency):
        return None
    units = amount.scaleb(get_currency_precision(currency)).quantize(Decimal(1), ROUND_HALF_UP)
    return Money(int(units), currency)
