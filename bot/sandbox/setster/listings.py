"""The catalogue (wire notes, section 3): locations, employees, services, time zones, the account."""

from typing import Any

from bot.sandbox.salon.business import Person, Place, Treatment
from bot.sandbox.salon.directory import Spelling
from bot.sandbox.setster.demo import ZONE_NUMBERS
from bot.sandbox.setster.switches import Switches
from bot.sandbox.setster.wire import Call, Json, Refusal

STEP = 15
"""Minutes: a service's duration is a multiple of it [seed]."""


def find_length(treatment: Treatment) -> int:
    """Minutes as Setster can have them."""
    return max(STEP, -(-treatment.minutes // STEP) * STEP)


class Listings:
    """Handlers of what only reads the catalogue."""

    def __init__(self, spelling: Spelling, switches: Switches) -> None:
        self._spell = spelling
        self._switches = switches

    def read_account(self, call: Call) -> Json:
        zone = ZONE_NUMBERS[call.account.time_zone]
        return {"id": self._id(call.account.company_id), "name": call.account.business.name, "timezone_id": zone}

    def list_companies(self, call: Call) -> list[Json]:
        return [self.read_account(call)]

    def list_zones(self, _: Call) -> list[Json]:
        shown = (lambda name: name) if self._switches.zone_names == "iana" else (lambda name: f"({name.split('/')[0]} time)")
        return [{"id": self._id(str(number)), "name": shown(name), "offset": 0} for name, number in ZONE_NUMBERS.items()]

    def list_locations(self, call: Call) -> list[Json]:
        rows = [self._write_place(place) for place in call.account.business.places]
        return _filter(rows, call, ("id", "name", "city", "country"))

    def _write_place(self, place: Place) -> Json:
        return {
            "id": self._id(self._spell.place(place)),
            "name": place.name,
            "description": "",
            "street1": place.address,
            "street2": "",
            "city": place.city,
            "state": "",
            "zip": place.zip_code,
            "phone": place.phone,
            "country": place.country.iso,
            "timezone_id": ZONE_NUMBERS[place.time_zone],
            "virtual": self._flag(False),
            "tmp_default": self._flag(self._spell.place(place).endswith("1")),
        }

    def list_employees(self, call: Call) -> list[Json]:
        """Active ones, unless all are asked for; one who takes no bookings online has no links."""
        rows = [self._write_person(place, one) for place in call.account.business.places for one in place.people]
        return _filter(rows, call, ("id", "email", "first_name", "last_name"))

    def _write_person(self, place: Place, person: Person) -> Json:
        location = self._spell.place(place)
        return {
            "id": self._id(self._spell.person(person)),
            "first_name": person.first_name,
            "last_name": person.last_name,
            "nickname": "",
            "email": f"{person.key}@example.com",
            "job": person.job,
            "status": self._id("1"),
            "is_owner": self._flag(False),
            "location_links": self._write_links(location, []) if person.in_catalog else [],
        }

    def list_services(self, call: Call) -> list[Json]:
        """Of one location, if asked. A heading for variants is not a service of Setster's."""
        wanted = call.text("location_id")
        places = [place for place in call.account.business.places if wanted in ("", self._spell.place(place))]
        if wanted and not places:
            raise Refusal("Location not found", 404)
        rows = [
            self._write_service(call, place, treatment)
            for place in places
            for treatment in call.account.business.list_treatments(place)
            if not treatment.has_variant
        ]
        return _filter(rows, call, ("id", "name"))

    def _write_service(self, call: Call, place: Place, treatment: Treatment) -> Json:
        row: Json = {
            "id": self._id(self._spell.treatment(place, treatment)),
            "name": treatment.name,
            "description": treatment.description,
            "duration": find_length(treatment),
            "duration_padding": treatment.recovery_minutes,
            "start_step": STEP,
            "price": int(place.prices[treatment.key]),
            "status": 1,
            "is_subservice": self._flag(treatment.is_add_on),
            "require_addon": 0,
            "max_clients": 2 if treatment.is_couple else 1,
            "group_session": self._flag(treatment.is_couple),
            "password": "" if treatment.is_offered or treatment.is_add_on else "by-phone-only",
            "payment_min_amount": 0,
            "allow_cash_payment": self._flag(True),
            "waiting_list": self._flag(False),
            "auto_confirm": self._flag(self._switches.auto_confirm),
            "set_schedule": self._flag(False),
            **self._write_rules(),
        }
        if call.flag("include_links"):
            people = call.account.business.list_skilled(place, treatment)
            row["location_links"] = self._write_links(self._spell.place(place), [self._spell.person(one) for one in people])
        return row

    def _write_rules(self) -> Json:
        switches = self._switches
        rules = (switches.prior_notice, switches.move_notice, switches.cancel_notice)
        return {
            "active_rules": int(any(hours is not None for hours in rules)),
            "prior_notice": 0 if rules[0] is None else rules[0],
            "reschedule_appointment": 1 if rules[1] is None else rules[1],
            "cancel_appointment": 1 if rules[2] is None else rules[2],
        }

    def _write_links(self, location: str, people: list[str]) -> Any:
        if self._switches.links_shape == "flags":
            return {location: dict.fromkeys(people, 1)}
        ids = [self._id(one) for one in people]
        if self._switches.links_shape == "lists":
            return {location: ids}
        return [{"location_id": self._id(location), "employee_ids": ids}]

    def _id(self, text: str) -> int | str:
        return text if self._switches.ids_as_strings else int(text)

    def _flag(self, value: bool) -> bool | str:
        return str(int(value)) if self._switches.flags_as_text else value


def _filter(rows: list[Json], call: Call, names: tuple[str, ...]) -> list[Json]:
    """By the attributes that were asked for, as text."""
    wanted = {name: call.text(name) for name in names if call.text(name)}
    return [row for row in rows if all(str(row[name]) == text for name, text in wanted.items())]
