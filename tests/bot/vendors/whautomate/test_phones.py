import pytest

from bot.vendors.whautomate.payloads import ClientRow
from bot.vendors.whautomate.phones import SplitPhone, is_same_phone, split_phone


@pytest.mark.parametrize(
    ("phone", "expected"),
    [
        ("+351912345678", SplitPhone("+351", "912345678")),
        ("+14165550123", SplitPhone("+1", "4165550123")),
        ("+390612345678", SplitPhone("+39", "0612345678")),  # an Italian zero belongs to the number
        ("+35191", None),
        ("912345678", None),
        ("", None),
    ],
)
def test_a_number_is_split_after_its_country_code(phone: str, expected: SplitPhone | None) -> None:
    assert split_phone(phone) == expected


@pytest.mark.parametrize(
    ("code", "digits", "is_same"),
    [
        ("+351", "912345678", True),
        ("351", "912 345 678", True),
        ("+351", "351912345678", True),
        ("+351", "+351912345678", True),
        ("", "+351912345678", True),
        ("+351", "912345679", False),
        ("+34", "912345678", False),
        ("+34", "351912345678", False),
        ("", "912345678", False),
        ("", "", False),
    ],
)
def test_a_stored_number_is_known_however_it_is_written(code: str, digits: str, is_same: bool) -> None:
    row = ClientRow.model_validate({"id": "c1", "countryCode": code, "phone": digits})
    assert is_same_phone(row, "+351912345678") is is_same


def test_no_number_is_the_same_as_none() -> None:
    assert not is_same_phone(ClientRow.model_validate({"id": "c1"}), "")
