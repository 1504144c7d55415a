"""The countries of the emulator. Only 95 (IN) and 225 (US) are Zenoti's real ids (§5); the others are invented.

Some ids equal other countries' dialling codes on purpose: a client that sends 44, 45 or 91 as `country_code` gets a
guest with a wrong prefix, as it would live (§8).
"""

from bot.sandbox.zenoti.catalogue import Country

_ROWS = (
    (1, "AF", 93, "Afghanistan"),
    (10, "AR", 54, "Argentina"),
    (13, "AU", 61, "Australia"),
    (14, "AT", 43, "Austria"),
    (19, "BB", 1, "Barbados"),
    (21, "BE", 32, "Belgium"),
    (30, "BR", 55, "Brazil"),
    (34, "BG", 359, "Bulgaria"),
    (38, "CA", 1, "Canada"),
    (44, "CL", 56, "Chile"),
    (45, "CN", 86, "China"),
    (57, "DK", 45, "Denmark"),
    (73, "FI", 358, "Finland"),
    (74, "FR", 33, "France"),
    (81, "DE", 49, "Germany"),
    (84, "GR", 30, "Greece"),
    (91, "HN", 504, "Honduras"),
    (95, "IN", 91, "India"),
    (99, "IE", 353, "Ireland"),
    (102, "IT", 39, "Italy"),
    (103, "JM", 1, "Jamaica"),
    (105, "JP", 81, "Japan"),
    (138, "MX", 52, "Mexico"),
    (150, "NL", 31, "Netherlands"),
    (153, "NZ", 64, "New Zealand"),
    (160, "NO", 47, "Norway"),
    (171, "PL", 48, "Poland"),
    (172, "PT", 351, "Portugal"),
    (188, "SG", 65, "Singapore"),
    (193, "ZA", 27, "South Africa"),
    (195, "ES", 34, "Spain"),
    (201, "SE", 46, "Sweden"),
    (202, "CH", 41, "Switzerland"),
    (221, "UA", 380, "Ukraine"),
    (222, "AE", 971, "United Arab Emirates"),
    (224, "GB", 44, "United Kingdom"),
    (225, "US", 1, "United States"),
)

COUNTRIES: dict[int, Country] = {row[0]: Country(*row) for row in _ROWS}


def find_country(code: str) -> Country:
    return next(country for country in COUNTRIES.values() if country.code == code)
