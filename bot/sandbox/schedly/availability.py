"""`GET /api/services/availability` (§5.1): everything about it is inferred, so four shapes and many parameter names."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from bot.sandbox.salon import Book, Person, Place, Treatment
from bot.sandbox.schedly.catalogue import is_sold
from bot.sandbox.schedly.switches import Switches
from bot.sandbox.schedly.wire import SPELLING, Call, Refusal, missing, read_day, write_moment

MOST_DAYS = 31
FIRST_NAMES = ("date", "start", "startTime", "from")
LAST_NAMES = ("date", "end", "endTime", "to")
"""Aliases of `startDate` and `endDate`."""

Free = tuple[datetime, list[Person]]


class Availability:
    """What is free, by the shared book."""

    def __init__(self, book: Book, switches: Switches) -> None:
        self._book = book
        self._switches = switches

    def list_times(self, call: Call) -> Any:
        first, last = self._read_days(call)
        place, treatment = call.find_service(call.query.get("serviceId", ""))
        wanted = call.query.get("locationId", "")
        if wanted and call.find_place(wanted) is not place:
            raise missing("Service at this location")
        person = self._find_person(call)
        name = call.query.get("timeZone", "")
        zone = ZoneInfo(name) if name in available_timezones() else place.zone
        days = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)] if is_sold(treatment) else []
        found: dict[date, list[Free]] = {day: [] for day in days}
        for start, people in self._list_free(call, place, treatment, person=person, days=days):
            local = start.astimezone(zone).date()
            if local in found:
                found[local].append((start, people))
        return self._shape(found, zone, timedelta(minutes=treatment.minutes))

    def _read_days(self, call: Call) -> tuple[date, date]:
        first_names = ("startDate", *(FIRST_NAMES if self._switches.availability_aliases else ()))
        last_names = ("endDate", *(LAST_NAMES if self._switches.availability_aliases else ()))
        texts = [next((call.query[name] for name in names if name in call.query), "") for names in (first_names, last_names)]
        first, last = read_day(texts[0]), read_day(texts[1])
        if "serviceId" not in call.query or first is None or last is None:
            status = self._switches.missing_query_status
            raise Refusal(status, {400: "BAD_REQUEST", 422: "VALIDATION_ERROR"}[status], "serviceId and dates are required")
        if last < first or (last - first).days >= MOST_DAYS:
            raise Refusal(400, "BAD_REQUEST", "endDate is not after startDate, or too far")
        return first, last

    def _find_person(self, call: Call) -> Person | None:
        ident = call.query.get("employeeId", "")
        return call.find_employee(ident)[1] if ident and not self._switches.ignores_employee else None

    def _list_free(
        self, call: Call, place: Place, treatment: Treatment, *, person: Person | None, days: list[date]
    ) -> Iterator[Free]:
        text = call.query.get("duration", "")
        minutes = int(text) if text.isdecimal() and 0 < int(text[:5]) <= 1440 else None
        for day in days:
            yield from self._book.list_starts(place, treatment, person, day, minutes)

    def _shape(self, found: dict[date, list[Free]], zone: ZoneInfo, length: timedelta) -> Any:
        shape = self._switches.availability_shape
        if shape == 4:
            return [
                {
                    "startTime": write_moment(start),
                    "endTime": write_moment(start + length),
                    "employeeId": int(SPELLING.person(one)),
                    "available": True,
                }
                for rows in found.values()
                for start, people in rows
                for one in people
            ]
        if shape == 2:
            days = {
                day.isoformat(): [{"start": start.astimezone(zone).isoformat(timespec="milliseconds")} for start, _ in rows]
                for day, rows in found.items()
            }
            return {"status": "success", "data": days}
        slots = {"slots": {day.isoformat(): [_show_slot(*one) for one in rows] for day, rows in found.items()}}
        return {"data": slots} if shape == 3 else slots


def _show_slot(start: datetime, people: list[Person]) -> dict[str, Any]:
    return {"time": write_moment(start, is_long=True), "employeeIds": [int(SPELLING.person(one)) for one in people]}
