from decimal import Decimal
from typing import Any

import pytest

from bot.errors import VendorChanged
from bot.model import Money
from bot.vendors.rows import Id, Row, Whole, map_money, read_as_amount, read_rows


class Thing(Row):
    id: Id
    size: Whole = None


@pytest.mark.parametrize(("currency", "units"), [("EUR", 1250), ("JPY", 13), ("KWD", 12500), ("", None), ("euro", None)])
def test_money_is_in_the_currencys_smallest_unit(currency: str, units: int | None) -> None:
    assert map_money(Decimal("12.5"), currency) == (None if units is None else Money(units, currency))


def test_unusable_rows_are_left_out_and_unusable_fields_are_empty() -> None:
    found = read_rows(Thing, [{"id": "a", "size": "12", "new": 1}, {"id": None}, 5, {"id": 7}], "things", source="acme")
    assert [(thing.id, thing.size) for thing in found] == [("a", 12), ("7", None)]


@pytest.mark.parametrize(
    ("found", "is_strict"), [(None, False), ({}, False), ("<html>", False), ([{}], False), ([{"id": "a"}, {}], True)]
)
def test_a_list_that_cannot_be_read_names_the_vendor(found: Any, is_strict: bool) -> None:
    with pytest.raises(VendorChanged, match=r"acme .*things"):
        read_rows(Thing, found, "things", source="acme", is_strict=is_strict)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("12.50", "12.50"), (100.27, "100.27"), (0, "0"), (1e30, None), ("1e400", None), ("NaN", None), (-1, None), (True, None)],
)
def test_an_amount_is_a_price_somebody_could_ask(value: Any, expected: str | None) -> None:
    found = read_as_amount(value)
    assert found == (None if expected is None else Decimal(expected))
    assert found is None or map_money(found, "EUR") is not None
