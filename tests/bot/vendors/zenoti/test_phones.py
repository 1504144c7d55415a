import pytest

from bot.vendors.zenoti.payloads import CountryRow, PhoneRow
from bot.vendors.zenoti.phones import Countries, ZenotiPhone

ROWS = [
    {"id": 95, "country_code": "IN", "phone_code": 91, "name": "India"},
    {"id": 38, "country_code": "CA", "phone_code": 1, "name": "Canada"},
    {"id": 225, "country_code": "US", "phone_code": "1", "name": "United States"},
    {"id": 224, "country_code": "GB", "phone_code": 44},
    {"id": 107, "country_code": "IT", "phone_code": 39},
    {"id": None, "country_code": "XX", "phone_code": 999},
]
COUNTRIES = Countries([CountryRow.model_validate(row) for row in ROWS])


@pytest.mark.parametrize(
    ("phone", "center", "expected"),
    [
        ("+919820000140", "US", ZenotiPhone(95, "9820000140")),
        ("+14165550123", "US", ZenotiPhone(38, "4165550123")),  # Toronto, whatever the center
        ("+12125550140", "CA", ZenotiPhone(225, "2125550140")),  # New York
        ("+11235550006", "CA", ZenotiPhone(38, "1235550006")),  # of no country: the center's
        ("+11235550006", "IN", ZenotiPhone(225, "1235550006")),  # nor the center's: the main one
        ("+390612345678", "IT", ZenotiPhone(107, "0612345678")),  # an Italian zero belongs to the number
        ("+351912000140", "PT", None),
        ("nonsense", "US", None),
    ],
)
def test_a_number_gets_zenotis_country_id_not_the_dialling_code(phone: str, center: str, expected: ZenotiPhone | None) -> None:
    assert COUNTRIES.encode(phone, center) == expected


@pytest.mark.parametrize(
    ("row", "is_same"),
    [
        ({"country_code": 225, "number": "2125550140"}, True),
        ({"country_code": "38", "number": "(212) 555-0140"}, True),  # same dialling code
        ({"country_code": 95, "number": "2125550140"}, False),
        ({"country_code": 1, "number": "2125550140"}, False),  # the dialling code by mistake: some other country
        ({"country_code": 225, "number": "2125550141"}, False),
        ({"country_code": 225, "number": None, "display_number": "+1 212-555-0140"}, True),
        ({"country_id": 225, "number": None, "display_number": "2125550140"}, False),
        ({"number": "2125550140"}, False),
        ({}, False),
    ],
)
def test_a_guests_number_is_the_same_only_if_it_proves_so(row: object, is_same: bool) -> None:
    assert COUNTRIES.is_same(PhoneRow.model_validate(row), "+12125550140") is is_same
