"""Moves and cancellings that go wrong in every way, with a vendor's record on paper and a clock that is moved by hand."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import product

import pytest

from bot.conversation.codec import Intent, decode_intent, encode_intent
from bot.conversation.contract import Cancelled, GaveUp, Moved, Outcome, Refused, Task, Unclear
from bot.conversation.saga import PATIENCE, Later, Pursuit, Settled
from bot.errors import AskCustomer, CallStaff, FrontdeskError, OutcomeUnknown, SlotTaken, TryAgain, VendorChanged
from bot.model import (
    Appointment,
    AppointmentStatus,
    BookingRequest,
    Contact,
    DayOpenings,
    Location,
    MoveRequest,
    Service,
    SlotQuery,
    StaffMember,
)
from bot.vendors.base import Progress, VendorTraits
from tests.bot.conversation.test_saga import HARBOUR, START, TRAITS

LATER = START + timedelta(days=1)
OLD = Appointment("a1", "loc1", "s1", "Cut", START, START + timedelta(hours=1), staff_id="st1", customer_id="c1")
TO_LATER = BookingRequest("REF23456", "loc1", "s1", LATER, "later", Contact("Mia Chen", "+351912345678", customer_id="c1"))
AS_IT_IS = replace(TO_LATER, starts_at=START, handle="")
NEVER_DONE = (TryAgain, AskCustomer, CallStaff)


@dataclass
class PaperRecord:
    """A vendor's record. `failures` are raised one a write; `applies` says whether the write took effect all the same."""

    failures: list[FrontdeskError | None] = field(default_factory=list)
    applies: list[bool] = field(default_factory=list)
    look_failures: list[FrontdeskError | None] = field(default_factory=list)
    shows_after: int = 0
    """Looks that show the record as it was at first; the fourth comes when what was done must show."""
    can_move: bool = True
    renames: bool = False
    """A moved appointment gets another id."""
    rows: dict[str, Appointment] = field(default_factory=lambda: {OLD.id: OLD})
    writes: list[str] = field(default_factory=list)
    looks: int = 0

    def __post_init__(self) -> None:
        self._first = dict(self.rows)

    @property
    def traits(self) -> VendorTraits:
        return replace(TRAITS, can_move=self.can_move, can_cancel=True)

    @property
    def live(self) -> list[Appointment]:
        return [row for row in self.rows.values() if row.status.is_live]

    async def book(self, location: Location, request: BookingRequest, progress: Progress) -> Appointment:
        failure = self._begin("book")
        await progress.save(posted="1")
        made = next((row for row in self.live if row.starts_at == request.starts_at), None)
        if made is not None:
            raise SlotTaken
        made = replace(OLD, id=f"b{len(self.rows)}", starts_at=request.starts_at, ends_at=request.starts_at + timedelta(hours=1))
        self._write(made, failure)
        return made

    async def move(self, location: Location, appointment: Appointment, request: MoveRequest, progress: Progress) -> Appointment:
        failure = self._begin("move")
        await progress.save(posted="1")
        standing = next((row for row in self.live if row.starts_at == request.starts_at), None)
        if standing is not None:
            return standing
        old = self.rows[appointment.id]
        if not old.status.is_live:
            raise CallStaff("not there")
        moved = replace(old, starts_at=request.starts_at, ends_at=request.starts_at + timedelta(hours=1))
        if self.renames:
            moved = replace(moved, id=f"{old.id}-moved")
        self._write(moved, failure, *([replace(old, status=AppointmentStatus.CANCELLED)] if self.renames else []))
        return moved

    async def cancel(self, location: Location, appointment: Appointment, *, reason: str = "", reference: str = "") -> None:
        failure = self._begin("cancel")
        self._write(replace(self.rows[appointment.id], status=AppointmentStatus.CANCELLED), failure)

    def _begin(self, verb: str) -> FrontdeskError | None:
        self.writes.append(verb)
        failure = self.failures.pop(0) if self.failures else None
        if isinstance(failure, NEVER_DONE):
            raise failure
        return failure

    def _write(self, row: Appointment, failure: FrontdeskError | None, *others: Appointment) -> None:
        if failure is None or (self.applies and self.applies.pop(0)):
            self.rows |= {one.id: one for one in (row, *others)}
        if failure is not None:
            raise failure

    def _show(self) -> dict[str, Appointment]:
        self.looks += 1
        failure = self.look_failures.pop(0) if self.look_failures else None
        if failure is not None:
            raise failure
        return self.rows if self.looks > self.shows_after else self._first

    async def find_booking(self, location: Location, request: BookingRequest, progress: Mapping[str, str]) -> Appointment | None:
        return next((row for row in self._show().values() if row.status.is_live and row.starts_at == request.starts_at), None)

    async def list_appointments(self, location: Location, customer_id: str) -> tuple[Appointment, ...]:
        return tuple(self._show().values())

    async def find_customer(self, location: Location, contact: Contact) -> str:
        return "c1"

    async def list_locations(self) -> tuple[Location, ...]:
        return (HARBOUR,)

    async def list_services(self, location: Location) -> tuple[Service, ...]:
        return ()

    async def list_staff(self, location: Location, service_id: str) -> tuple[StaffMember, ...]:
        return ()

    async def find_slots(self, location: Location, query: SlotQuery) -> DayOpenings:
        return DayOpenings(query.day, ())


@dataclass
class Case:
    """Pursues a change to its end. `dies_at`: after so many writes of the intent the worker is another one."""

    vendor: PaperRecord
    now_ms: int = 1_000_000
    written: list[bytes] = field(default_factory=list)
    told: list[Outcome] = field(default_factory=list)

    async def write(self, intent: Intent) -> None:
        self.written.append(encode_intent(intent))

    async def _pursue(self, intent: Intent, *, is_fresh: bool) -> Outcome:
        pursuit = Pursuit(self.vendor, HARBOUR, self.write, lambda: self.now_ms)
        for _ in range(200):
            end = await pursuit.pursue(intent, is_fresh=is_fresh)
            if isinstance(end, Settled):
                self.told.append(end.outcome)
                return end.outcome
            assert isinstance(end, Later)
            if end.outcome is not None:
                self.told.append(end.outcome)
            intent, is_fresh = end.intent, False
            self.now_ms += int(end.after.total_seconds() * 1000)
        raise AssertionError("never settled")

    def settle(self, intent: Intent, *, is_fresh: bool = True) -> Outcome:
        return asyncio.run(self._pursue(intent, is_fresh=is_fresh))

    def move(self, *, is_fresh: bool = True) -> Outcome:
        return self.settle(Intent(TO_LATER, "move", OLD), is_fresh=is_fresh)

    def cancel(self, *, is_fresh: bool = True) -> Outcome:
        return self.settle(Intent(AS_IT_IS, "cancel", OLD), is_fresh=is_fresh)


# ── In place ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_plain_move_takes_one_write_and_no_look() -> None:
    vendor = PaperRecord()
    outcome = Case(vendor).move()
    assert isinstance(outcome, Moved)
    assert (outcome.appointment.starts_at, outcome.left) == (LATER, None)
    assert (vendor.writes, vendor.looks, len(vendor.live)) == (["move"], 0, 1)


def test_a_move_whose_answer_got_lost_is_found_and_not_repeated() -> None:
    vendor = PaperRecord([OutcomeUnknown()], [True])
    case = Case(vendor)
    assert isinstance(case.move(), Moved)
    assert vendor.writes == ["move"]
    assert [type(outcome) for outcome in case.told] == [Unclear, Moved]


def test_a_move_is_found_under_the_new_id_that_it_got() -> None:
    vendor = PaperRecord([OutcomeUnknown()], [True], renames=True)
    outcome = Case(vendor).move()
    assert isinstance(outcome, Moved)
    assert outcome.appointment.id == "a1-moved"


def test_a_move_that_did_not_happen_is_made_after_a_look() -> None:
    vendor = PaperRecord([OutcomeUnknown()], [False])
    assert isinstance(Case(vendor).move(), Moved)
    assert (vendor.writes, [row.starts_at for row in vendor.live]) == (["move", "move"], [LATER])


def test_a_time_taken_before_the_move_leaves_the_old_one() -> None:
    vendor = PaperRecord([SlotTaken()], [False])
    assert Case(vendor).move() == Refused("REF23456", "taken", task="move", appointment=OLD)
    assert vendor.live == [OLD]


def test_a_move_of_what_the_desk_moved_after_a_lost_answer_is_not_forced() -> None:
    elsewhere = replace(OLD, starts_at=START + timedelta(hours=5))
    vendor = PaperRecord(rows={OLD.id: elsewhere})
    assert Case(vendor).move(is_fresh=False) == Refused("REF23456", "gone", task="move", appointment=elsewhere)
    assert vendor.writes == []


def test_a_move_refused_for_good_is_for_staff_and_changes_nothing() -> None:
    vendor = PaperRecord([CallStaff("too late")])
    assert Case(vendor).move() == Refused("REF23456", "staff", task="move", appointment=OLD)
    assert vendor.live == [OLD]


def test_a_change_that_stays_unclear_becomes_a_task_that_names_the_appointment() -> None:
    case = Case(PaperRecord([OutcomeUnknown()], [False], [TryAgain()] * 500))
    end = case.move()
    assert isinstance(end, GaveUp)
    assert (end.task, end.appointment, end.is_silent) == ("move", OLD, True)
    assert PATIENCE <= timedelta(milliseconds=case.now_ms - 1_000_000) < PATIENCE + timedelta(minutes=2)


# ── Cancelling ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_plain_cancelling_takes_one_write_and_no_look() -> None:
    vendor = PaperRecord()
    assert Case(vendor).cancel() == Cancelled("REF23456", OLD)
    assert (vendor.writes, vendor.looks, vendor.live) == (["cancel"], 0, [])


def test_what_the_desk_cancelled_meanwhile_counts_as_done() -> None:
    gone = replace(OLD, status=AppointmentStatus.CANCELLED)
    vendor = PaperRecord([CallStaff("is cancelled")], rows={OLD.id: gone})
    assert Case(vendor).cancel() == Cancelled("REF23456", OLD)


def test_a_refused_cancelling_leaves_the_appointment_and_calls_for_staff() -> None:
    vendor = PaperRecord([CallStaff("paid")])
    assert Case(vendor).cancel() == Refused("REF23456", "staff", task="cancel", appointment=OLD)
    assert vendor.live == [OLD]


def test_an_appointment_that_was_moved_meanwhile_is_not_cancelled_in_a_second_attempt() -> None:
    elsewhere = replace(OLD, starts_at=LATER)
    vendor = PaperRecord(rows={OLD.id: elsewhere})
    assert Case(vendor).cancel(is_fresh=False) == Refused("REF23456", "gone", task="cancel", appointment=elsewhere)
    assert vendor.live == [elsewhere]


# ── A booking and a cancelling in one ────────────────────────────────────────────────────────────────────────────────


def test_where_nothing_can_be_moved_the_new_one_is_booked_before_the_old_one_is_cancelled() -> None:
    vendor = PaperRecord(can_move=False)
    outcome = Case(vendor).move()
    assert isinstance(outcome, Moved)
    assert (vendor.writes, outcome.left) == (["book", "cancel"], None)
    assert [row.starts_at for row in vendor.live] == [LATER]


def test_a_new_time_that_is_gone_leaves_the_old_one_uncancelled() -> None:
    vendor = PaperRecord([SlotTaken()], [False], can_move=False)
    assert Case(vendor).move() == Refused("REF23456", "taken", task="move", appointment=OLD)
    assert (vendor.writes, vendor.live) == (["book"], [OLD])


def test_an_old_one_that_cannot_be_cancelled_is_left_to_staff_and_said() -> None:
    vendor = PaperRecord([None, CallStaff("too late")], can_move=False)
    outcome = Case(vendor).move()
    assert isinstance(outcome, Moved)
    assert (outcome.appointment.starts_at, outcome.left) == (LATER, OLD)
    assert len(vendor.live) == 2


def test_a_worker_that_dies_at_any_note_leaves_a_move_that_the_next_one_ends() -> None:
    probe = Case(PaperRecord(can_move=False))
    probe.move()
    assert len(probe.written) >= 2
    for died_at in range(len(probe.written)):
        vendor = PaperRecord(can_move=False)
        case = Case(vendor)

        async def write(intent: Intent, case: Case = case, died_at: int = died_at) -> None:
            case.written.append(encode_intent(intent))
            if len(case.written) > died_at:
                raise KeyboardInterrupt

        dying = Pursuit(vendor, HARBOUR, write, lambda: 1_000_000)
        with pytest.raises(KeyboardInterrupt):
            asyncio.run(dying.pursue(Intent(TO_LATER, "move", OLD), is_fresh=True))
        heir = Case(vendor)
        assert isinstance(heir.settle(decode_intent(case.written[-1]), is_fresh=False), Moved), died_at
        assert [row.starts_at for row in vendor.live] == [LATER], died_at


# ── Whatever happens ─────────────────────────────────────────────────────────────────────────────────────────────────

FAILURES = [None, TryAgain(), SlotTaken(), CallStaff(), OutcomeUnknown(), VendorChanged()]


@pytest.mark.parametrize("is_fresh", [True, False])
@pytest.mark.parametrize("task", ["move", "cancel"])
@pytest.mark.parametrize(("first", "second"), list(product(FAILURES, FAILURES)))
def test_whatever_two_failures_what_is_told_is_true_and_nobody_ends_with_nothing_for_a_move(
    first: FrontdeskError | None, second: FrontdeskError | None, task: Task, is_fresh: bool
) -> None:
    request = TO_LATER if task == "move" else AS_IT_IS
    for applied, lag, look, can_move, renames in product(
        product((True, False), repeat=2), (0, 1, 3), (None, TryAgain()), (True, False), (True, False)
    ):
        vendor = PaperRecord([first, second], list(applied), [look], shows_after=lag, can_move=can_move, renames=renames)
        if any(isinstance(one, SlotTaken) for one in (first, second)):
            vendor.applies = [False, False]  # "taken" and done all the same is no vendor's answer
        outcome = Case(vendor).settle(Intent(request, task, OLD), is_fresh=is_fresh)
        told = f"{first!r} {second!r} {applied} {lag} {look!r} {can_move} {renames}: {outcome}"
        starts = [row.starts_at for row in vendor.live]
        match outcome:
            case Moved(left=None):
                assert starts == [LATER], told
            case Moved():
                assert LATER in starts, told
            case Cancelled():
                assert starts == [], told
            case Refused():
                assert starts == [START], told
        assert task == "cancel" or starts, told
        assert starts.count(LATER) <= 1, told
