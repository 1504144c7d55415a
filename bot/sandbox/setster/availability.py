"""Free times (wire notes, section 4): by day or by weeks, for one employee or pooled."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from bot.sandbox.salon.book import Book
from bot.sandbox.salon.business import Person, Place, Treatment
from bot.sandbox.salon.directory import Directory
from bot.sandbox.setster.listings import STEP, find_length
from bot.sandbox.setster.switches import Switches
from bot.sandbox.setster.wire import Call, Json, Refusal, read_day

MOST_WEEKS = 5


class Availability:
    """The handler of `GET /availability`, and what create asks it."""

    def __init__(self, book: Book, directory: Directory, switches: Switches) -> None:
        self._book = book
        self._directory = directory
        self._switches = switches

    def list_times(self, call: Call) -> Json:
        place = self.find_place(call, call.text("location_id"))
        treatment = self.find_treatment(place, call.require("service_id"))
        person = self.find_person(place, call.text("provider_id"))
        day = read_day(call.require("start_date"))
        if day is None:
            raise Refusal("start_date is not a date")
        minutes = find_length(treatment) + self.add_up(place, call.query.get("subservices", []))
        earliest = self._find_earliest(call)
        times = {
            one.isoformat(): self._list_day(place, treatment, person, one, minutes=minutes, earliest=earliest)
            for one in self._list_days(call, day)
        }
        return {
            "interval": minutes,
            "boxInterval": STEP,
            "padding": treatment.recovery_minutes,
            "day": day.day,
            "month": day.month,
            "year": day.year,
            **self._shape(call, times, day),
        }

    def _shape(self, call: Call, times: dict[str, list[str]], day: date) -> Json:
        if call.require("return") == "boxes":
            return {"boxes": {name: _box(starts) for name, starts in times.items()}}
        if self._switches.times_shape == "list":
            return {"times": times[day.isoformat()]}
        shown: Any = {name: starts for name, starts in times.items() if starts or not self._switches.omits_full_days}
        return {"times": shown if shown or not self._switches.empty_as_list else []}

    def _list_days(self, call: Call, day: date) -> Iterator[date]:
        spread = call.require("t")
        if spread == "daily":
            yield day
            return
        if spread != "weekly":
            raise Refusal("t is daily or weekly")
        weeks = min(MOST_WEEKS, max(1, int(call.text("no_of_weeks") or 1)))
        shift = day.weekday() if self._switches.week_starts == "monday" else day.isoweekday() % 7
        for ahead in range(7 * weeks):
            yield day - timedelta(days=shift) + timedelta(days=ahead)

    def _list_day(
        self, place: Place, treatment: Treatment, person: Person | None, day: date, *, minutes: int, earliest: datetime
    ) -> list[str]:
        starts = self._book.list_starts(place, treatment, person, day, minutes)
        walls = (start.astimezone(place.zone) for start, _ in starts if start >= earliest)
        return [wall.strftime("%H:%M:%S") for wall in walls]

    def _find_earliest(self, call: Call) -> datetime:
        is_bypassed = call.has_session and self._switches.owner_bypasses_notice
        return call.now + timedelta(hours=0 if is_bypassed else self._switches.prior_notice or 0)

    # ── Looking things up ────────────────────────────────────────────────────────────────────────────────────────────

    def find_place(self, call: Call, location_id: str) -> Place:
        """The default one without an id. Raises `Refusal`."""
        if not location_id:
            return call.account.business.places[0]
        found = self._directory.find_place(location_id)
        if found is None or found[0] is not call.account.business:
            raise Refusal("Location not found", 404)
        return found[1]

    def find_treatment(self, place: Place, service_id: str) -> Treatment:
        treatment = self._directory.find_treatment(place, service_id)
        if treatment is None:
            raise Refusal("Service not found", 404)
        return treatment

    def find_person(self, place: Place, employee_id: str) -> Person | None:
        """None for no wish, which 0 is too."""
        if employee_id in ("", "0"):
            return None
        found = self._directory.find_person(employee_id)
        if found is None or found[1] is not place:
            raise Refusal("Employee not found", 404)
        return found[2]

    def add_up(self, place: Place, ids: list[str]) -> int:
        """Minutes of the add-ons. Raises `Refusal` for what is none."""
        minutes = 0
        for one in ids:
            treatment = self.find_treatment(place, one)
            if not treatment.is_add_on:
                raise Refusal("not a sub-service")
            minutes += find_length(treatment)
        return minutes


def _box(starts: list[str]) -> dict[str, list[int]]:
    """Minutes by hour."""
    boxes: dict[str, list[int]] = {}
    for start in starts:
        hour, minute, _ = start.split(":")
        boxes.setdefault(str(int(hour)), []).append(int(minute))
    return boxes
