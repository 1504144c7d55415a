"""Who is free when: the slot grid of a day, and placing a draft's items on people."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.sandbox.salon.business import read_wall as read_zone_wall
from bot.sandbox.zenoti.catalogue import Center, Therapist
from bot.sandbox.zenoti.ledger import Draft, DraftItem, Guest, Ledger, Placed, Visit
from bot.sandbox.zenoti.switches import Switches

BUSY, OUTSIDE_SCHEDULE, GUEST_BUSY, AFTER_HOURS = 0, 1, 2, 4
"""Slot warning types (§15)."""
WARNINGS = {
    BUSY: "Therapist is double booked.",
    OUTSIDE_SCHEDULE: "Therapist is not scheduled at this time.",
    GUEST_BUSY: "Guest is double booked.",
    AFTER_HOURS: "Service ends after center hours.",
}

_Wanted = tuple[Guest | None, DraftItem, datetime, datetime]


def read_wall(center: Center, wall: datetime) -> datetime | None:
    """Aware UTC of a wall time of the center; None where the clocks skip it. Said twice: the first."""
    return read_zone_wall(center.zone, wall)


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a draft would fit at a time: everybody placed, or why not; and what to warn of."""

    rows: tuple[Placed, ...] | None
    warnings: tuple[int, ...] = ()


class Availability:
    """Reads the ledger; changes nothing."""

    def __init__(self, ledger: Ledger, switches: Switches) -> None:
        self._ledger = ledger
        self._switches = switches

    def list_walls(self, center: Center, day: date) -> Iterator[datetime]:
        """The grid of `day` in wall time (naive); nothing on a closed day."""
        hours = center.find_hours(day)
        if hours is None:
            return
        wall, closing = hours
        while wall < closing:
            if read_wall(center, wall) is not None:
                yield wall
            wall += timedelta(minutes=self._switches.grid_minutes)

    def has_free(self, draft: Draft, day: date, now: datetime) -> bool:
        """Whether anything of `day` is free for the draft."""
        starts = (read_wall(draft.center, wall) for wall in self.list_walls(draft.center, day))
        return any(start > now and self.place(draft, start, now).rows is not None for start in starts if start is not None)

    def place(self, draft: Draft, start: datetime, now: datetime) -> Placement:
        """Put every item of `draft` on a free, skilled person, guests side by side, items one after another."""
        wanted = _line_up(draft, start)
        hours = draft.center.find_hours(start.astimezone(draft.center.zone).date())
        closing = None if hours is None else read_wall(draft.center, hours[1])
        if closing is None or any(end > closing for _, _, _, end in wanted):
            return Placement(None, (AFTER_HOURS,))
        rows = self._assign(draft, wanted, (), now)
        if rows is None:
            return Placement(None, (self._explain(draft, wanted, now),))
        warnings = self._find_warnings(draft, rows, now)
        if GUEST_BUSY in warnings and self._switches.guest_double_booking == "refused":
            return Placement(None, warnings)
        return Placement(rows, warnings)

    def is_working(self, center: Center, therapist: Therapist, start: datetime, end: datetime) -> bool:
        shift = center.find_shift(therapist, start.astimezone(center.zone).date())
        if shift is None:
            return False
        first, last = (read_wall(center, wall) for wall in shift)
        return first is not None and last is not None and first <= start and end <= last

    def is_free(
        self, therapist: Therapist, start: datetime, end: datetime, *, center: Center, now: datetime, draft: Draft | None = None
    ) -> bool:
        """Neither booked nor held in between; what `draft` itself holds or moves does not count."""
        moved = frozenset[str]() if draft is None else draft.moved_ids
        day = self._ledger.list_day(therapist, start.astimezone(center.zone).date())
        if any(visit.start < end and start < visit.blocked_until and visit.id not in moved for visit in day):
            return False
        held = (row for hold in self._ledger.list_live_holds(now) if hold.draft is not draft for row in hold.rows)
        return not any(row.therapist is therapist and row.start < end and start < row.blocked_until for row in held)

    def _assign(
        self, draft: Draft, wanted: list[_Wanted], placed: tuple[Placed, ...], now: datetime
    ) -> tuple[Placed, ...] | None:
        """Backtracking over people; a draft has a handful of items at most."""
        if len(placed) == len(wanted):
            return placed
        guest, item, start, end = wanted[len(placed)]
        blocked = end + timedelta(minutes=item.service.recovery_minutes)
        for therapist in self._list_candidates(draft, item, start):
            row = Placed(guest, item, therapist, start, end, blocked)
            if not _fits(draft, row, placed) or not self._can_do(draft, row, now):
                continue
            rows = self._assign(draft, wanted, (*placed, row), now)
            if rows is not None:
                return rows
        return None

    def _can_do(self, draft: Draft, row: Placed, now: datetime) -> bool:
        if not self.is_working(draft.center, row.therapist, row.start, row.end):
            return False
        if draft.allows_double_booking:
            return True
        return self.is_free(row.therapist, row.start, row.blocked_until, center=draft.center, now=now, draft=draft)

    def _list_candidates(self, draft: Draft, item: DraftItem, start: datetime) -> list[Therapist]:
        """Skilled people, the least busy of the day first."""
        day = start.astimezone(draft.center.zone).date()
        people = [one for one in draft.center.therapists if item.service.id in one.service_ids]
        if item.therapist is not None:
            return [one for one in people if one is item.therapist]
        people = [one for one in people if one.in_catalog or not draft.only_catalog]
        if item.gender is not None:
            people = [one for one in people if one.gender == item.gender]
        return sorted(people, key=lambda one: len(self._ledger.list_day(one, day)))

    def _explain(self, draft: Draft, wanted: list[_Wanted], now: datetime) -> int:
        for _, item, start, end in wanted:
            people = self._list_candidates(draft, item, start)
            if not any(self.is_working(draft.center, one, start, end) for one in people):
                return OUTSIDE_SCHEDULE
        return BUSY

    def _find_warnings(self, draft: Draft, rows: tuple[Placed, ...], now: datetime) -> tuple[int, ...]:
        found = []
        if draft.allows_double_booking and any(
            not self.is_free(row.therapist, row.start, row.blocked_until, center=draft.center, now=now, draft=draft)
            for row in rows
        ):
            found.append(BUSY)
        if any(self._is_guest_busy(draft, row) for row in rows):
            found.append(GUEST_BUSY)
        return tuple(found)

    def _is_guest_busy(self, draft: Draft, row: Placed) -> bool:
        if row.guest is None:
            return False
        moved = draft.moved_ids
        visits = self._ledger.list_guest_visits(row.guest)
        return any(_overlaps(visit, row) and visit.takes_time and visit.id not in moved for visit in visits)


def _line_up(draft: Draft, start: datetime) -> list[_Wanted]:
    wanted: list[_Wanted] = []
    for guest in draft.guests:
        begin = start
        for item in guest.items:
            end = begin + timedelta(minutes=item.minutes)
            wanted.append((guest.guest, item, begin, end))
            begin = end
    return wanted


def _fits(draft: Draft, row: Placed, placed: tuple[Placed, ...]) -> bool:
    """Whether the row goes with those already placed for the same draft."""
    for other in placed:
        is_same = other.therapist is row.therapist
        if is_same and other.start < row.end and row.start < other.end:
            return False
        if draft.single_therapist and other.guest is row.guest and not is_same:
            return False
    return True


def _overlaps(visit: Visit, row: Placed) -> bool:
    return visit.start < row.end and row.start < visit.end
