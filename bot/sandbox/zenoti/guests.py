"""Guest search, creation, reading and replacing (§8)."""

import re
from collections.abc import Callable
from typing import Any

from bot.sandbox.zenoti.call import NO_SUCH_ID, Call, Json, Refusal, read_flag, read_int, read_object, read_text
from bot.sandbox.zenoti.catalogue import Center
from bot.sandbox.zenoti.countries import COUNTRIES
from bot.sandbox.zenoti.ledger import Guest, Ledger, new_id
from bot.sandbox.zenoti.switches import GuestField, Switches

EMPTY_DATE = "0001-01-01T00:00:00"
GUEST_NOT_FOUND, EMAIL_TAKEN, FIELD_MISSING, PHONE_LENGTH, COUNTRY_INVALID = 414, 442, 481, 482, 484
"""§2."""
PHONE_DIGITS = range(6, 13)
"""How many national digits a number may have; Zenoti's own range is not documented."""


def _phone(body: Json) -> str:
    return read_digits(read_object(read_object(body.get("personal_info")).get("mobile_phone")).get("number"))


def _personal(name: str) -> Callable[[Json], str]:
    return lambda body: read_text(read_object(body.get("personal_info")).get(name))


def _address(name: str) -> Callable[[Json], str]:
    return lambda body: read_text(read_object(body.get("address_info")).get(name))


def _referral(body: Json) -> str:
    return read_text(read_object(read_object(body.get("referral")).get("referral_source")).get("id"))


MANDATORY_FIELDS: dict[GuestField, Callable[[Json], str]] = {
    "mobile_phone": _phone,
    "email": _personal("email"),
    "date_of_birth": _personal("date_of_birth"),
    "gender": _personal("gender"),
    "nationality": _personal("nationality_id"),
    "address_1": _address("address_1"),
    "city": _address("city"),
    "state": _address("state_id"),
    "country": _address("country_id"),
    "referral_source": _referral,
}
"""Where each stands in the request."""


class Guests:
    """The guest endpoints."""

    def __init__(self, ledger: Ledger, switches: Switches) -> None:
        self._ledger = ledger
        self._switches = switches

    def search_guests(self, call: Call) -> Json:
        """Unknown parameters are ignored, so a misspelt filter returns strangers."""
        center = self._find_scope(call)
        rows = [
            show_guest(guest, upper=self._switches.upper_case_guest_ids)
            for guest in self._ledger.list_guests(read_digits(call.text("phone")))
            if guest.organization_id == call.organization.id
            and (center is None or guest.center is center)
            and self._matches(guest, call)
        ]
        page, info = call.cut_page(rows)
        return {"guests": page, "page_Info": info}

    def create_guest(self, call: Call) -> Json:
        center = call.organization.find_center(read_text(call.body.get("center_id")).lower())
        if center is None:
            raise Refusal(NO_SUCH_ID, "Invalid center id.")
        if self._is_something_missing(call):
            if self._switches.guest_failure == "silent":
                return {}
            raise Refusal(FIELD_MISSING, "Guest mandatory fields are missing.")
        fields = read_fields(call.body, center)
        self._check_fields(fields, "")
        guest = Guest(new_id(), call.organization.id, center, fields, call.now)
        self._ledger.add_guest(guest)
        return show_guest(guest)

    def read_guest(self, call: Call) -> Json:
        more = {
            "is_online_booking_blocked": False,
            "deposit_applicability": 0,
            "can_edit_personal_info": True,
            "guest_passes": [],
        }
        return show_guest(find_guest(self._ledger, call)) | more

    def replace_guest(self, call: Call) -> Json:
        """What the body does not say falls back to its default."""
        guest = find_guest(self._ledger, call)
        fields = read_fields(call.body, guest.center)
        self._check_fields(fields, guest.id)
        self._ledger.change_guest(guest, fields)
        return show_guest(guest)

    def _find_scope(self, call: Call) -> Center | None:
        center_id = call.text("center_id").lower()
        if not center_id:
            if self._switches.search_across_centers:
                return None
            raise Refusal(503, "Center id is required.")
        center = call.organization.find_center(center_id)
        if center is None:
            raise Refusal(NO_SUCH_ID, "Invalid center id.")
        return center

    def _matches(self, guest: Guest, call: Call) -> bool:
        person = guest.person
        for name in ("email", "first_name", "last_name", "user_name"):
            wanted = call.text(name).lower()
            if wanted and wanted != str(person[name]).lower():
                return False
        zip_code = call.text("zip_code").lower()
        if zip_code and zip_code != str(guest.fields["address_info"]["zip_code"]).lower():
            return False
        phone = read_digits(call.text("phone"))
        return not phone or phone in self._list_spellings(guest)

    def _list_spellings(self, guest: Guest) -> list[str]:
        phone = guest.person["mobile_phone"] or {}
        number = str(phone.get("number", ""))
        country = COUNTRIES.get(phone.get("country_code", -1))
        international = f"{country.phone_code}{number}" if country is not None else number
        return {"national": [number], "international": [international]}.get(self._switches.phone_search, [number, international])

    def _is_something_missing(self, call: Call) -> bool:
        chosen = self._switches.mandatory_guest_fields
        mandatory = call.organization.mandatory_guest_fields if chosen is None else chosen
        checks = [_personal("first_name"), _personal("last_name"), *(MANDATORY_FIELDS[name] for name in mandatory)]
        return any(check(call.body) == "" for check in checks)

    def _check_fields(self, fields: Json, guest_id: str) -> None:
        phone = fields["personal_info"]["mobile_phone"]
        if phone is not None and phone["country_code"] not in COUNTRIES:
            raise Refusal(COUNTRY_INVALID, "Invalid country id.")
        if phone is not None and len(phone["number"]) not in PHONE_DIGITS:
            raise Refusal(PHONE_LENGTH, "Mobile number length is out of range.")
        email = str(fields["personal_info"]["email"]).lower()
        if self._switches.unique_email and email:
            others = (one for one in self._ledger.guests.values() if one.id != guest_id)
            if any(str(one.person["email"]).lower() == email for one in others):
                raise Refusal(EMAIL_TAKEN, "Email already exists.")


def find_guest(ledger: Ledger, call: Call) -> Guest:
    """The guest of the path. Raises `Refusal` 414."""
    guest = ledger.guests.get(call.ids["guest_id"])
    if guest is None or guest.organization_id != call.organization.id:
        raise Refusal(GUEST_NOT_FOUND, "Guest not found.")
    return guest


def read_digits(value: Any) -> str:
    return re.sub(r"\D", "", read_text(value))


def read_fields(body: Json, center: Center) -> Json:
    """The flat guest object out of a request, with the defaults of §8: gender 0 (female!), every notification off."""
    person, address = read_object(body.get("personal_info")), read_object(body.get("address_info"))
    preferences = read_object(body.get("preferences"))
    source = read_text(read_object(read_object(body.get("referral")).get("referral_source")).get("id"))
    flags = ("receive_transactional_email", "receive_transactional_sms", "receive_marketing_email", "receive_marketing_sms")
    return {
        "personal_info": {
            **{name: read_text(person.get(name)) for name in ("user_name", "first_name", "last_name", "middle_name", "email")},
            "mobile_phone": _read_phone(read_object(person.get("mobile_phone")), center),
            "work_phone": None,
            "home_phone": None,
            "gender": read_int(person.get("gender"), 0),
            "date_of_birth": read_text(person.get("date_of_birth")) or EMPTY_DATE,
            "is_minor": False,
            "nationality_id": read_int(person.get("nationality_id"), -1),
            "anniversary_date": EMPTY_DATE,
            "lock_guest_custom_data": False,
            "pan": "",
        },
        "address_info": {
            **{name: read_text(address.get(name)) for name in ("address_1", "address_2", "city", "state_other", "zip_code")},
            "country_id": read_int(address.get("country_id"), -1),
            "state_id": read_int(address.get("state_id"), -1),
        },
        "preferences": {
            **{name: read_flag(preferences.get(name)) for name in flags},
            "recieve_lp_stmt": read_flag(preferences.get("recieve_lp_stmt")),
            "preferred_therapist": None,
        },
        "tags": None,
        "referral": {"referral_source": {"id": source, "name": ""}} if source else None,
        "primary_employee": None,
    }


def _read_phone(phone: Json, center: Center) -> Json | None:
    number = read_digits(phone.get("number"))
    return {"country_code": read_int(phone.get("country_code"), center.country.id), "number": number} if number else None


def show_guest(guest: Guest, *, upper: bool = False) -> Json:
    return {
        "id": guest.id.upper() if upper else guest.id,
        "code": "",
        "center_id": guest.center.id,
        "center_name": guest.center.name,
        **guest.fields,
    }


def show_phone(guest: Guest) -> Json:
    """The shape of §8 in appointments: `number` stays null, only `display_number` is filled."""
    phone = guest.person["mobile_phone"]
    if phone is None:
        return {"country_id": -1, "number": None, "display_number": None}
    country = COUNTRIES[phone["country_code"]]
    return {"country_id": country.id, "number": None, "display_number": f"+{country.phone_code} {phone['number']}"}
