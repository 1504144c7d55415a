"""Service appointments (§6): create, list, change. No hold, no idempotency, 409 for what is taken."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.sandbox.salon import Book, Guest, Person, Place, Treatment, Visit, What
from bot.sandbox.schedly.catalogue import find_price, is_sold
from bot.sandbox.schedly.switches import Switches
from bot.sandbox.schedly.wire import (
    SPELLING,
    Answer,
    Call,
    Json,
    Refusal,
    Rows,
    bad,
    invalid,
    missing,
    read_moment,
    read_text,
    taken,
    write_moment,
)

STATUSES = frozenset({"pending", "approved", "canceled", "completed"})
"""§6.1."""


class Appointments:
    """The book as Schedly shows it."""

    def __init__(self, book: Book, switches: Switches, announce: Callable[[What, Visit], None]) -> None:
        self._book = book
        self._switches = switches
        self._announce = announce

    # ── Reading ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def list_appointments(self, call: Call) -> Answer:
        """§6.2: `from`, `to` and ids narrow it; `id` names one."""
        ident = call.find_id()
        if ident:
            return self._show(self._find(call, ident), is_listed=True)
        since, until = (read_moment(call.query.get(name)) for name in ("from", "to"))
        rows = [
            row
            for visit in self._list_visible(call)
            for row in [self._show(visit, is_listed=True)]
            if not self._switches.list_filters
            or (
                ((since is None or visit.start >= since) and (until is None or visit.start <= until))
                and self._is_wanted(call, visit, row)
            )
        ]
        return Rows("appointments", rows)

    def list_of(self, call: Call, guest: Guest) -> list[Json]:
        """One customer's, newest last."""
        return [self._show(visit, is_listed=True) for visit in self._list_visible(call) if visit.guest_id == guest.number]

    def _list_visible(self, call: Call) -> list[Visit]:
        rows = self._book.list_visits(call.business)
        return [visit for visit in rows if visit.visible_at is None or visit.visible_at <= call.now]

    def _is_wanted(self, call: Call, visit: Visit, row: Json) -> bool:
        said = {
            "customerId": str(visit.guest_id),
            "employeeId": SPELLING.person(visit.person),
            "serviceId": str(row["serviceId"]),
            "locationId": SPELLING.place(visit.place),
            "status": str(row["status"]),
        }
        return all(call.query[name] == value for name, value in said.items() if name in call.query)

    # ── Creating ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def create_appointment(self, call: Call) -> Json:
        start, end = self._read_span(call)
        place, treatment = call.find_service(read_text(call.body.get("serviceId")))
        wanted = read_text(call.body.get("locationId"))
        if wanted and call.find_place(wanted) is not place:
            raise invalid("the service is not offered at this location", "locationId")
        guest = self._find_guest(call)
        status = read_text(call.body.get("status")) or self._switches.default_status
        if status not in STATUSES:
            raise invalid("unknown status", "status")
        if "notes" in call.body and self._switches.notes == "refused":
            raise invalid("unrecognized key", "notes")
        person = self._choose(call, place, treatment, start=start, end=end)
        delay = timedelta(seconds=self._switches.read_delay_seconds)
        visit = self._book.add(
            call.business,
            place,
            person,
            treatment,
            start,
            minutes=(end - start) // timedelta(minutes=1),
            guest=guest,
            note=read_text(call.body.get("notes")) if self._switches.notes == "kept" else "",
            is_from_bot=True,
            visible_at=call.now + delay if delay else None,
            extra={"status": status, "price": call.body.get("price", find_price(place, treatment))},
        )
        if status == "canceled":
            self._book.cancel(visit.number)
        self._announce("created", visit)
        return self._show(visit, is_listed=False)

    def _read_span(self, call: Call) -> tuple[datetime, datetime]:
        absent = [name for name in ("serviceId", "startTime", "endTime") if not read_text(call.body.get(name))]
        if absent:
            raise invalid("required", *absent)
        start, end = read_moment(call.body["startTime"]), read_moment(call.body["endTime"])
        if start is None:
            raise invalid("not an ISO 8601 time with offset", "startTime")
        if end is None or end <= start:
            raise invalid("not after startTime", "endTime")
        return start, end

    def _find_guest(self, call: Call) -> Guest | None:
        ident = read_text(call.body.get("customerId"))
        if not ident:
            return None
        guest = self._book.guests.get(int(ident)) if ident.isdecimal() and len(ident) < 10 else None
        if guest is None or guest.business != call.business.slug:
            raise missing("Customer")
        return guest

    def _choose(self, call: Call, place: Place, treatment: Treatment, *, start: datetime, end: datetime) -> Person:
        ident = read_text(call.body.get("employeeId"))
        minutes = (end - start) // timedelta(minutes=1)
        if not ident:
            free = self._book.find_free_person(place, treatment, start, minutes)
            if free is None:
                raise taken()
            return free
        home, person = call.find_employee(ident)
        self._check(call, place, treatment, person, start=start, end=end, home=home)
        return person

    def _check(
        self,
        call: Call,
        place: Place,
        treatment: Treatment,
        person: Person,
        *,
        start: datetime,
        end: datetime,
        home: Place,
        ignoring: int = 0,
    ) -> None:
        """What a create may be refused for, with a person named. Raises `Refusal`."""
        if self._switches.create_checks:
            if home is not place or treatment.key not in person.skills or not is_sold(treatment):
                raise invalid("the employee does not do this service here", "employeeId")
            if start <= call.now:
                raise invalid("in the past", "startTime")
            if end - start < timedelta(minutes=treatment.minutes) and not ignoring:
                raise invalid("shorter than the service", "endTime")
            if not self._book.is_working(place, person, start, end):
                raise taken()
        blocked = end + timedelta(minutes=treatment.recovery_minutes)
        if self._switches.conflict_on_overlap and not self._book.is_free(place, person, start, blocked, ignoring=ignoring):
            raise taken()

    # ── Changing ─────────────────────────────────────────────────────────────────────────────────────────────────────

    def change_appointment(self, call: Call) -> Json:
        """§6.3, §6.4: times, employee, status. Nothing is changed unless all of it can be."""
        visit = self._find(call, call.find_id())
        if self._switches.change_needs_times and not {"startTime", "endTime"} <= call.body.keys():
            raise invalid("required", "startTime", "endTime")
        status = read_text(call.body.get("status"))
        if status and status not in STATUSES:
            raise invalid("unknown status", "status")
        if status == "canceled":
            self._cancel(visit)
        elif {"startTime", "endTime", "employeeId"} & call.body.keys():
            self._move(call, visit)
        if status and status != "canceled":
            visit.extra["status"] = status
        return self._show(visit, is_listed=False)

    def delete_appointment(self, call: Call) -> Json:
        """The row is gone, and with it all history."""
        visit = self._find(call, call.find_id())
        self._book.cancel(visit.number)
        visit.extra["deleted"] = True
        self._announce("cancelled", visit)
        return {"success": True}

    def _cancel(self, visit: Visit) -> None:
        if visit.status == "cancelled":
            return
        if visit.status == "done":
            raise bad("completed appointments cannot be canceled")
        self._book.cancel(visit.number)
        self._announce("cancelled", visit)

    def _move(self, call: Call, visit: Visit) -> None:
        if not visit.takes_time or visit.treatment is None:
            raise bad("cancelled_bookings_cannot_be_rescheduled")
        start = read_moment(call.body.get("startTime")) or visit.start
        end = read_moment(call.body.get("endTime")) or start + (visit.end - visit.start)
        ident = read_text(call.body.get("employeeId"))
        home, person = call.find_employee(ident) if ident else (visit.place, visit.person)
        if (start, end, person) == (visit.start, visit.end, visit.person):
            return
        if end <= start:
            raise invalid("not after startTime", "endTime")
        self._check(call, visit.place, visit.treatment, person, start=start, end=end, home=home, ignoring=visit.number)
        self._book.move(visit.number, person, start)
        visit.end = end
        self._announce("moved", visit)

    # ── Showing ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def _find(self, call: Call, ident: str) -> Visit:
        if not ident:
            status = self._switches.missing_query_status
            raise Refusal(status, {400: "BAD_REQUEST", 422: "VALIDATION_ERROR"}[status], "id is required")
        visit = call.directory.find_visit(self._book.visits, ident)
        if visit is None or visit.business is not call.business or visit.extra.get("deleted"):
            raise missing("Appointment")
        return visit

    def _show(self, visit: Visit, *, is_listed: bool) -> Json:
        """The object of §6.1; rows of lists say more (switch `list_ids`)."""
        treatment = visit.treatment
        body: Json = {
            "id": visit.number,
            "serviceId": int(SPELLING.treatment(visit.place, treatment)) if treatment else None,
            "startTime": write_moment(visit.start),
            "endTime": write_moment(visit.end),
            "status": _name_status(visit),
            "price": visit.extra.get("price", find_price(visit.place, treatment) if treatment else 0),
            "service": {"name": treatment.name if treatment else ""},
            "customer": {"name": visit.guest_name, "email": visit.guest_email or None},
            "employee": {"name": visit.person.full_name},
        }
        if self._switches.notes == "kept":
            body["notes"] = visit.note or None
        if is_listed and self._switches.list_ids:
            body |= {
                "uid": f"apt_{visit.number}",
                "customerId": visit.guest_id or None,
                "employeeId": int(SPELLING.person(visit.person)),
                "locationId": int(SPELLING.place(visit.place)),
            }
        return body


def _name_status(visit: Visit) -> str:
    """§6.5: there is no word for who did not come."""
    if visit.status in ("cancelled", "no_show"):
        return "canceled"
    return "completed" if visit.status == "done" else str(visit.extra.get("status", "approved"))
