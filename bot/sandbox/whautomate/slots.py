"""Free times (§4): of the base service only, in the zone that is asked for, without a word on who is free."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.sandbox.salon import Book, Directory, Person, Place, Treatment
from bot.sandbox.whautomate.call import Call, Json, Refusal, find_place, find_treatment, read_zone, refuse_parameters
from bot.sandbox.whautomate.payloads import ADVANCE_DAYS, write_time
from bot.sandbox.whautomate.switches import Switches

DAY = timedelta(days=1)


class Slots:
    """The handler of `GET /v1/appointments/slots`."""

    def __init__(self, book: Book, directory: Directory, switches: Switches) -> None:
        self._book = book
        self._directory = directory
        self._switches = switches

    def list_slots(self, call: Call) -> list[Json]:
        place = find_place(self._directory, call.business, call.query.get("locationId", ""))
        treatment = find_treatment(self._directory, place, call.query.get("serviceId", ""))
        zone, first = read_zone(call.query.get("timezone", ""), place), call.read_day("date")
        person = find_person(self._directory, place, call.query.get("staffId", ""))
        if first is None or (person is None and self._switches.slots_without_staff == "error"):
            raise refuse_parameters()
        count = self._switches.next_three_days if call.is_true("nextThreeDays") else 1
        rows = [self._show_day(place, treatment, person, first + DAY * ahead, zone=zone, now=call.now) for ahead in range(count)]
        return [row for row in rows if row["slots"] or self._switches.empty_days == "empty"]

    def _show_day(
        self, place: Place, treatment: Treatment, person: Person | None, day: date, *, zone: ZoneInfo, now: datetime
    ) -> Json:
        starts = [
            start for start in self._list_starts(place, treatment, person, day, zone=zone) if start - now < DAY * ADVANCE_DAYS
        ]
        length = timedelta(minutes=treatment.minutes)
        return {
            "date": datetime.combine(day, time()).strftime("%Y-%m-%dT00:00:00.000Z"),
            "timezone": zone.key,
            "slots": [
                {
                    "startTime": write_time(start.astimezone(zone), self._switches),
                    "endTime": write_time((start + length).astimezone(zone), self._switches),
                }
                for start in starts
                if start - now < DAY * ADVANCE_DAYS
            ],
        }

    def _list_starts(
        self, place: Place, treatment: Treatment, person: Person | None, day: date, *, zone: ZoneInfo
    ) -> list[datetime]:
        """Starts (aware UTC) of the day in `zone`, which may reach over several of the place's days."""
        days = {place.tell_day(datetime.combine(day, wall, zone).astimezone(UTC)) for wall in (time.min, time.max)}
        return [
            start
            for local in sorted(days)
            for start, _ in self._book.list_starts(place, treatment, person, local)
            if start.astimezone(zone).date() == day
        ]


def find_person(directory: Directory, place: Place, ident: str) -> Person | None:
    """None for no id. Raises `Refusal` for one that nobody at the place has."""
    if not ident:
        return None
    found = directory.find_person(ident)
    if found is None or found[1] is not place:
        raise Refusal(404, "Invalid staffId")
    return found[2]


def read_start(text: str, day: date, zone: ZoneInfo, switches: Switches) -> datetime | None:
    """The moment (aware UTC) that slots of the day spell exactly so; None for any other text."""
    start = datetime.combine(day, time(), zone).astimezone(UTC)
    while start.astimezone(zone).date() <= day:
        if start.astimezone(zone).date() == day and write_time(start.astimezone(zone), switches) == text:
            return start
        start += timedelta(minutes=5)
    return None
