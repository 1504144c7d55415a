"""Appointments (wire notes, section 5): make, read, list, change, cancel, erase."""

import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from bot.sandbox.salon.book import Book
from bot.sandbox.salon.business import Guest, Person, Place, Treatment
from bot.sandbox.salon.business import read_wall as place_wall
from bot.sandbox.salon.directory import Directory
from bot.sandbox.salon.visit import Visit
from bot.sandbox.setster.availability import Availability
from bot.sandbox.setster.demo import ZONE_NUMBERS
from bot.sandbox.setster.switches import Switches
from bot.sandbox.setster.wire import Call, Json, Refusal, read_day, read_text, read_wall

REQUIRED = ("company_id", "client_email", "client_name", "service_id", "start_date")
"""[seed]"""
DEFAULT_MINUTES = 15
"""[seed]"""
UNCONFIRMED, CONFIRMED, CANCELLED, BUSY, DONE, NO_SHOW = 0, 2, 3, 4, 8, 9
STATUSES = frozenset({0, 1, 2, 3, 4, 6, 8, 9, 10, 11, 12, 13})
TAKEN = "Time slot not available"


class Appointments:
    """Handlers of everything under `/appointment`, and of `/client`."""

    def __init__(
        self, book: Book, directory: Directory, switches: Switches, *, availability: Availability, changed: Callable[[], None]
    ) -> None:
        self._book = book
        self._directory = directory
        self._switches = switches
        self._availability = availability
        self._changed = changed

    # ── Writing ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def create(self, call: Call) -> Json:
        body = call.body
        _check_required(body)
        self._check_fields(body)
        place = self._availability.find_place(call, read_text(body.get("location_id")))
        treatment = self._availability.find_treatment(place, read_text(body["service_id"]))
        start = _read_start(place, read_text(body["start_date"]))
        minutes = self._read_minutes(body)
        wish = self._availability.find_person(place, read_text(body.get("employee_id")))
        person = self._choose_person(place, treatment, start, minutes=minutes, person=wish)
        visit = self._book.add(
            call.account.business,
            place,
            person,
            treatment,
            start,
            minutes=minutes,
            guest=self._find_client(call, place),
            note=read_text(body.get("note")),
            is_from_bot=True,
            visible_at=call.now + timedelta(seconds=self._switches.list_delay_s),
            extra={
                "status": self._choose_status(body),
                "custom_data": body.get("custom_data") or {},
                "ews_id": read_text(body.get("ews_id")),
                "subservices": read_text(body.get("subservices")),
            },
        )
        visit.guest_name = read_text(body["client_name"])
        self._changed()
        return self._write(visit, visit.place.zone)

    def _check_fields(self, body: Json) -> None:
        email = read_text(body["client_email"])
        if "@" not in email or "." not in email.rpartition("@")[2]:
            raise Refusal("Validation failed", data={"errors": {"client_email": "not an e-mail address"}})
        custom = body.get("custom_data")
        unknown = [key for key in custom if key not in self._switches.form_fields] if isinstance(custom, dict) else []
        if unknown:
            raise Refusal("Validation failed", data={"errors": dict.fromkeys(unknown, "no such field")})

    def _read_minutes(self, body: Json) -> int:
        text = read_text(body.get("duration")) or str(DEFAULT_MINUTES)
        minutes = int(text) if text.isdecimal() else 0
        if minutes <= 0 or minutes % self._switches.duration_multiple:
            raise Refusal(f"duration is not a multiple of {self._switches.duration_multiple}")
        return minutes

    def _choose_status(self, body: Json) -> int:
        wanted = read_text(body.get("status"))
        if self._switches.status_writable and wanted.isdecimal() and int(wanted) in STATUSES:
            return int(wanted)
        return CONFIRMED if self._switches.auto_confirm else UNCONFIRMED

    def _choose_person(
        self, place: Place, treatment: Treatment, start: datetime, *, minutes: int, person: Person | None, ignoring: int = 0
    ) -> Person:
        """Who takes it: the one wished for, else the next in turn. Raises `Refusal`."""
        free = self._book.find_free_person(place, treatment, start, minutes, person=person, ignoring=ignoring)
        if free is not None:
            return free
        if self._switches.enforce_availability:
            raise Refusal(TAKEN)
        return person or next(one for one in place.people if treatment.key in one.skills)

    def _find_client(self, call: Call, place: Place) -> Guest:
        """Known by the e-mail address, else new."""
        email, name = read_text(call.body["client_email"]), read_text(call.body["client_name"])
        business, phone = call.account.business, read_text(call.body.get("client_phone"))
        return self._book.find_guest(business, email=email) or self._book.add_guest(
            business, place, name, phone=phone, email=email
        )

    def change(self, call: Call) -> Json:
        """Status 3 cancels; otherwise a new start, length or employee. A part of the object is enough."""
        visit = self._find(call)
        body = call.body
        if not body:
            raise Refusal("empty body")
        status = read_text(body.get("status"))
        if status == str(CANCELLED):
            self._book.cancel(visit.number)
        elif status.isdecimal() and int(status) in STATUSES:
            visit.extra["status"] = int(status)
        if status != str(CANCELLED) and (body.get("start_date") or body.get("employee_id")):
            self._move(call, visit)
        visit.note = read_text(body["note"]) if "note" in body else visit.note
        visit.extra["updated_at"] = call.now
        self._changed()
        return self._write(visit, visit.place.zone)

    def _move(self, call: Call, visit: Visit) -> None:
        body, treatment = call.body, visit.treatment
        if treatment is None:
            raise Refusal("Appointment not found", 404)
        start = _read_start(visit.place, read_text(body["start_date"])) if body.get("start_date") else visit.start
        minutes = self._read_minutes(body) if body.get("duration") else (visit.end - visit.start) // timedelta(minutes=1)
        wish = self._availability.find_person(visit.place, read_text(body.get("employee_id"))) or visit.person
        if visit.takes_time:
            self._choose_person(visit.place, treatment, start, minutes=minutes, person=wish, ignoring=visit.number)
        self._book.move(visit.number, wish, start)
        visit.end = start + timedelta(minutes=minutes)

    def erase(self, call: Call) -> None:
        visit = self._find(call)
        self._book.cancel(visit.number)
        visit.extra["erased"] = True
        self._changed()

    # ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def read(self, call: Call) -> Json:
        visit = self._find(call)
        zone = visit.place.zone if self._switches.get_times_zone == "location" else ZoneInfo(call.account.time_zone)
        return self._write(visit, zone)

    def list_all(self, call: Call) -> list[Json]:
        """Busy blocks among them, unless a customer is asked for."""
        self._book.catch_up()
        visits = (visit for visit in self._book.visits.values() if visit.business is call.account.business)
        found = [visit for visit in visits if not visit.extra.get("erased") and self._is_wanted(call, visit)]
        return [self._write_listed(call, visit) for visit in sorted(found, key=lambda one: (one.start, one.number))]

    def _is_wanted(self, call: Call, visit: Visit) -> bool:
        if visit.visible_at is not None and visit.visible_at > call.now:
            return False
        spell = self._directory.spelling
        held = {
            "client_email": visit.guest_email.lower(),
            "client_id": spell.guest(visit.guest_id) if visit.guest_id else "",
            "location_id": spell.place(visit.place),
            "employee_id": spell.person(visit.person),
            "service_id": "" if visit.treatment is None else spell.treatment(visit.place, visit.treatment),
        }
        if any(call.text(name) and call.text(name).lower() != value for name, value in held.items()):
            return False
        return self._is_within(call, visit)

    def _is_within(self, call: Call, visit: Visit) -> bool:
        """The dates are the company's."""
        day = visit.start.astimezone(ZoneInfo(call.account.time_zone)).date()
        start, end, since = (read_day(call.text(name)) for name in ("start_date", "end_date", "updated_after"))
        if since is not None and visit.extra.get("updated_at", visit.created_at).date() < since:
            return False
        is_before_end = end is None or day < end or (day == end and self._switches.end_date_inclusive)
        return (start is None or day >= start) and is_before_end

    def _write_listed(self, call: Call, visit: Visit) -> Json:
        zone = visit.place.zone if self._switches.list_times_zone == "location" else ZoneInfo(call.account.time_zone)
        row = self._write(visit, zone)
        fields = {str(index): [value, name] for index, (name, value) in enumerate(row["custom_data"].items())}
        row |= {
            "created_at": visit.created_at.strftime("%Y-%m-%d %H:%M:%S"),
            "location_name": visit.place.name,
            "custom_fields": json.dumps(fields) if fields else "",
        }
        if self._switches.listed_zone == "absent":
            for name in ("timezone_id", "timezone_short", "timezone_offset_seconds"):
                del row[name]
        if self._switches.ids_as_strings:
            row |= {name: str(row[name]) for name in row if (name == "id" or name.endswith("_id")) and row[name] is not None}
        return row

    def list_clients(self, call: Call) -> list[Json]:
        spell = self._directory.spelling
        rows = [
            {"id": spell.guest(guest.number), "name": guest.name, "email": guest.email, "phone": guest.phone}
            for guest in self._book.guests.values()
            if guest.business == call.account.business.slug
        ]
        wanted = {name: call.text(name).lower() for name in ("id", "email", "phone", "name") if call.text(name)}
        return [row for row in rows if all(row[name].lower() == text for name, text in wanted.items())]

    def read_hash(self, call: Call) -> str:
        self._find_by_id(call, call.require("appointment_id"))
        return secrets.token_hex(16)

    def _find(self, call: Call) -> Visit:
        return self._find_by_id(call, call.ids["id"])

    def _find_by_id(self, call: Call, ident: str) -> Visit:
        visit = self._directory.find_visit(self._book.visits, ident)
        if visit is None or visit.business is not call.account.business or visit.extra.get("erased"):
            raise Refusal("Appointment not found", 404)
        return visit

    def _write(self, visit: Visit, zone: ZoneInfo) -> Json:
        """A record with its times in `zone`, which it names."""
        spell, treatment = self._directory.spelling, visit.treatment
        start, end = visit.start.astimezone(zone), visit.end.astimezone(zone)
        offset = start.utcoffset() or timedelta()
        custom: dict[str, Any] = visit.extra.get("custom_data", {})
        return {
            "id": int(spell.visit(visit.number)),
            "client_id": int(spell.guest(visit.guest_id)) if visit.guest_id else None,
            "company_id": None,
            "client_email": visit.guest_email,
            "client_name": visit.guest_name,
            "client_phone": visit.guest_phone,
            "client_address": "",
            "employee_id": int(spell.person(visit.person)),
            "location_id": int(spell.place(visit.place)),
            "service_id": int(spell.treatment(visit.place, treatment)) if treatment else None,
            "start_date": start.strftime("%Y-%m-%d %H:%M"),
            "end_date": end.strftime("%Y-%m-%d %H:%M"),
            "length": int((visit.end - visit.start).total_seconds() * 1000),
            "duration_padding": 0,
            "note": visit.note if self._switches.keeps_note else "",
            "status": _find_status(visit),
            "type": escape(treatment.name) if treatment else "",
            "subservices": visit.extra.get("subservices", ""),
            "paid": False,
            "price": 0,
            "ews_id": visit.extra.get("ews_id", ""),
            "custom_fields": {},
            "custom_data": custom,
            "timezone_short": f"GMT {'-' if offset < timedelta() else '+'}{abs(offset)}",
            "timezone_offset_seconds": int(offset.total_seconds()),
            "timezone_id": ZONE_NUMBERS[zone.key],
        }


def _find_status(visit: Visit) -> int:
    if visit.treatment is None:
        return BUSY
    by_book = {"cancelled": CANCELLED, "no_show": NO_SHOW, "done": DONE}
    status: int = by_book.get(visit.status, visit.extra.get("status", CONFIRMED))
    return status


def _check_required(body: Json) -> None:
    missing = [name for name in REQUIRED if not read_text(body.get(name))]
    if missing:
        raise Refusal("Validation failed", data={"errors": dict.fromkeys(missing, "required")})


def _read_start(place: Place, text: str) -> datetime:
    """The place's wall clock as an instant. Raises `Refusal`."""
    wall = read_wall(text)
    start = place_wall(place.zone, wall) if wall else None
    if start is None:
        raise Refusal("start_date is not a time")
    return start.astimezone(UTC)
