"""Every way a booking can go wrong, with a vendor on paper and a clock that is moved by hand."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from bot.conversation.codec import Intent
from bot.conversation.contract import Booked, GaveUp, Outcome, Refused, Unclear
from bot.conversation.saga import PATIENCE, Later, Pursuit, Settled
from bot.errors import AskCustomer, CallStaff, FrontdeskError, NotSupported, OutcomeUnknown, SlotTaken, TryAgain, VendorChanged
from bot.model import (
    Appointment,
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

START = datetime(2026, 11, 21, 17, 0, tzinfo=UTC)
HARBOUR = Location("loc1", "Harbour", "Europe/Lisbon")
REQUEST = BookingRequest("REF23456", "loc1", "s1", START, "2026-11-21T17:00:00", Contact("Mia Chen", "+351912345678"))
TRAITS = VendorTraits(
    slug="paper",
    can_hold=True,
    can_repeat=False,
    can_move=True,
    can_book_anyone=True,
    needs_phone=True,
    needs_email=False,
    calls_per_minute=60,
    longest_processing=timedelta(seconds=10),
    visibility=timedelta(seconds=5),
)


@dataclass
class PaperVendor:
    """Books on paper. `failures` are raised one a call; `applies` says whether the call took effect all the same."""

    failures: list[FrontdeskError | None] = field(default_factory=list)
    applies: list[bool] = field(default_factory=list)
    look_failures: list[FrontdeskError | None] = field(default_factory=list)
    shows_after: int = 0
    """Looks that do not show a made appointment yet."""
    made: list[Appointment] = field(default_factory=list)
    calls: int = 0
    looks: int = 0
    can_repeat: bool = False
    """The record of one confirm is confirmed once, however often it is asked."""

    @property
    def traits(self) -> VendorTraits:
        return replace(TRAITS, can_repeat=self.can_repeat)

    async def book(self, location: Location, request: BookingRequest, progress: Progress) -> Appointment:
        self.calls += 1
        failure = self.failures.pop(0) if self.failures else None
        if isinstance(failure, (TryAgain, AskCustomer, CallStaff)):
            raise failure
        await progress.save(step="confirming")
        if self.made and self.can_repeat:
            if failure is not None:
                raise failure
            return self.made[0]
        if self.made:
            raise SlotTaken
        if failure is None or (self.applies and self.applies.pop(0)):
            self.made.append(
                Appointment(
                    "a1", location.id, request.service_id, "Cut", request.starts_at, request.starts_at + timedelta(hours=1)
                )
            )
        if failure is not None:
            raise failure
        return self.made[-1]

    async def find_booking(self, location: Location, request: BookingRequest, progress: Mapping[str, str]) -> Appointment | None:
        self.looks += 1
        failure = self.look_failures.pop(0) if self.look_failures else None
        if failure is not None:
            raise failure
        return self.made[0] if self.made and self.looks > self.shows_after else None

    async def list_locations(self) -> tuple[Location, ...]:
        return (HARBOUR,)

    async def list_services(self, location: Location) -> tuple[Service, ...]:
        return ()

    async def list_staff(self, location: Location, service_id: str) -> tuple[StaffMember, ...]:
        return ()

    async def find_slots(self, location: Location, query: SlotQuery) -> DayOpenings:
        return DayOpenings(query.day, ())

    async def find_customer(self, location: Location, contact: Contact) -> str:
        return ""

    async def list_appointments(self, location: Location, customer_id: str) -> tuple[Appointment, ...]:
        return tuple(self.made)

    async def move(self, location: Location, appointment: Appointment, request: MoveRequest, progress: Progress) -> Appointment:
        raise NotSupported

    async def cancel(self, location: Location, appointment: Appointment, *, reason: str = "", reference: str = "") -> None:
        raise NotSupported


@dataclass
class Case:
    """Pursues a booking to its end; what would be written to Redis is kept in `written`."""

    vendor: PaperVendor
    now_ms: int = 1_000_000
    written: list[Intent] = field(default_factory=list)
    told: list[Outcome] = field(default_factory=list)

    async def write(self, intent: Intent) -> None:
        self.written.append(intent)

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

    def settle(self, intent: Intent | None = None, *, is_fresh: bool = True) -> Outcome:
        return asyncio.run(self._pursue(intent or Intent(REQUEST), is_fresh=is_fresh))


def test_a_plain_booking_takes_one_call_and_no_look() -> None:
    vendor = PaperVendor()
    assert isinstance(Case(vendor).settle(), Booked)
    assert (vendor.calls, vendor.looks, len(vendor.made)) == (1, 0, 1)


def test_a_lost_answer_is_looked_up_and_not_repeated() -> None:
    vendor = PaperVendor(failures=[OutcomeUnknown()], applies=[True])
    case = Case(vendor)
    assert isinstance(case.settle(), Booked)
    assert (vendor.calls, len(vendor.made)) == (1, 1)
    assert [type(outcome) for outcome in case.told] == [Unclear, Booked]


def test_an_answer_not_understood_is_looked_up_like_a_lost_one() -> None:
    vendor = PaperVendor(failures=[VendorChanged()], applies=[True])
    assert isinstance(Case(vendor).settle(), Booked)
    assert vendor.calls == 1


def test_what_did_not_happen_is_begun_again_only_when_it_would_have_shown() -> None:
    vendor = PaperVendor(failures=[OutcomeUnknown()], applies=[False])
    case = Case(vendor)
    assert isinstance(case.settle(), Booked)
    assert vendor.calls == 2
    waited = timedelta(milliseconds=case.now_ms - 1_000_000)
    assert waited >= TRAITS.longest_processing + TRAITS.visibility


def test_a_list_that_lags_is_not_taken_for_an_absence() -> None:
    vendor = PaperVendor(failures=[OutcomeUnknown()], applies=[True], shows_after=3)
    assert isinstance(Case(vendor).settle(), Booked)
    assert (vendor.calls, len(vendor.made)) == (1, 1)


def test_a_time_found_taken_by_our_own_first_attempt_is_a_booking() -> None:
    vendor = PaperVendor(failures=[OutcomeUnknown()], applies=[True], shows_after=5)
    assert isinstance(Case(vendor).settle(), Booked)
    assert len(vendor.made) == 1


def test_a_taken_slot_is_said_so_at_once() -> None:
    vendor = PaperVendor(failures=[SlotTaken()])
    assert Case(vendor).settle() == Refused("REF23456", "taken")
    assert vendor.calls == 1


def test_a_refused_detail_names_its_text() -> None:
    assert Case(PaperVendor(failures=[AskCustomer("error.phone_wrong")])).settle() == Refused(
        "REF23456", "details", "error.phone_wrong"
    )


def test_a_refused_account_calls_for_staff() -> None:
    assert Case(PaperVendor(failures=[CallStaff("key refused")])).settle() == Refused("REF23456", "staff")


def test_a_short_pause_is_waited_for_and_a_long_one_is_said() -> None:
    short = PaperVendor(failures=[TryAgain(after=timedelta(seconds=2))])
    assert isinstance(Case(short).settle(), Booked)
    long = PaperVendor(failures=[TryAgain(after=timedelta(seconds=50))])
    assert Case(long).settle() == Refused("REF23456", "busy")
    assert long.made == []


def test_a_vendor_that_never_takes_it_is_asked_three_times() -> None:
    vendor = PaperVendor(failures=[TryAgain()] * 9)
    assert Case(vendor).settle() == Refused("REF23456", "busy")
    assert vendor.calls == 3


def test_a_dead_workers_intent_without_progress_is_looked_up_and_begun_again() -> None:
    vendor = PaperVendor()
    assert isinstance(Case(vendor).settle(Intent(REQUEST), is_fresh=False), Booked)
    assert (vendor.calls, vendor.looks) == (1, 1)


def test_a_dead_workers_confirm_that_took_effect_is_found() -> None:
    vendor = PaperVendor()
    asyncio.run(vendor.book(HARBOUR, REQUEST, _NoProgress()))
    case = Case(vendor)
    assert isinstance(case.settle(Intent(REQUEST, progress={"step": "confirming"}), is_fresh=False), Booked)
    assert (vendor.calls, len(vendor.made), len(case.told)) == (1, 1, 1)


def test_a_dead_workers_confirm_that_did_not_is_repeated_after_it_would_have_shown() -> None:
    vendor = PaperVendor()
    case = Case(vendor)
    assert isinstance(case.settle(Intent(REQUEST, progress={"step": "confirming"}), is_fresh=False), Booked)
    assert [type(outcome) for outcome in case.told] == [Unclear, Booked]
    assert len(vendor.made) == 1


def test_an_attempt_known_to_have_made_nothing_leaves_no_doubt_when_the_next_finds_the_time_taken() -> None:
    vendor = PaperVendor(failures=[SlotTaken()])
    blanked = Intent(REQUEST, status="waiting", attempt=2, progress={"step": ""})
    assert Case(vendor).settle(blanked, is_fresh=False) == Refused("REF23456", "taken")


def test_a_vendor_that_repeats_safely_is_asked_again_at_once() -> None:
    vendor = PaperVendor(can_repeat=True)
    case = Case(vendor)
    assert isinstance(case.settle(Intent(REQUEST, progress={"step": "confirming"}), is_fresh=False), Booked)
    assert (case.now_ms, [type(outcome) for outcome in case.told]) == (1_000_000, [Booked])


def test_a_vendor_that_stays_away_becomes_a_task_for_staff_within_the_bound() -> None:
    vendor = PaperVendor(failures=[OutcomeUnknown()], applies=[True], look_failures=[TryAgain()] * 500)
    case = Case(vendor)
    end = case.settle()
    assert isinstance(end, GaveUp)
    assert (end.since, end.is_silent) == (datetime.fromtimestamp(1000, UTC), True)
    assert end.looks == vendor.looks
    assert [type(outcome) for outcome in case.told] == [Unclear, Unclear, GaveUp]
    assert [outcome.is_long for outcome in case.told if isinstance(outcome, Unclear)] == [False, True]
    assert PATIENCE <= timedelta(milliseconds=case.now_ms - 1_000_000) < PATIENCE + timedelta(minutes=2)
    assert vendor.calls == 1


FAILURES = [None, TryAgain(), SlotTaken(), OutcomeUnknown(), VendorChanged()]


@pytest.mark.parametrize("is_fresh", [True, False])
@pytest.mark.parametrize(("first", "second"), list(product(FAILURES, FAILURES)))
def test_whatever_two_failures_there_is_at_most_one_appointment_and_the_outcome_is_true(
    first: FrontdeskError | None, second: FrontdeskError | None, is_fresh: bool
) -> None:
    for applied, lag, look, can_repeat in product(product((True, False), repeat=2), (0, 1, 4), (None, TryAgain()), (True, False)):
        if can_repeat and isinstance(second, SlotTaken):
            continue  # such a vendor says so of its own confirm only after it had the time to show
        vendor = PaperVendor([first, second], list(applied), [look], shows_after=lag, can_repeat=can_repeat)
        outcome = Case(vendor).settle(is_fresh=is_fresh)
        assert len(vendor.made) <= 1
        assert isinstance(outcome, GaveUp) or isinstance(outcome, Booked) == bool(vendor.made)


class _NoProgress:
    values: Mapping[str, str] = {}

    async def save(self, **values: str) -> None:
        return None


def doubted(case: Case, *, age: timedelta = timedelta(0)) -> Intent:
    """The customer confirms just after Redis came back, perhaps without an intent for the very same wish."""
    return Intent(REQUEST, doubted_ms=case.now_ms - age // timedelta(milliseconds=1))


def made_before(**more: object) -> PaperVendor:
    vendor = PaperVendor(**more)  # type: ignore[arg-type]
    vendor.made.append(Appointment("a0", "loc1", "s1", "Cut", START, START + timedelta(hours=1)))
    return vendor


@pytest.mark.parametrize("can_repeat", [False, True])
def test_what_a_forgotten_attempt_made_is_found_and_not_made_again(can_repeat: bool) -> None:
    vendor = made_before(can_repeat=can_repeat)
    case = Case(vendor)
    assert isinstance(case.settle(doubted(case)), Booked)
    assert (vendor.calls, vendor.looks, len(vendor.made)) == (0, 1, 1)


def test_nothing_forgotten_is_booked_after_one_look_where_that_may_be_repeated() -> None:
    vendor = PaperVendor(can_repeat=True)
    case = Case(vendor)
    assert isinstance(case.settle(doubted(case)), Booked)
    assert (vendor.calls, vendor.looks, case.now_ms) == (1, 1, 1_000_000)


def test_a_forgotten_attempt_that_shows_late_is_waited_for_where_a_repeat_would_double_it() -> None:
    vendor = made_before(shows_after=3)
    case = Case(vendor)
    assert isinstance(case.settle(doubted(case)), Booked)
    assert (vendor.calls, len(vendor.made)) == (0, 1)


def test_long_after_the_restart_one_look_is_enough() -> None:
    vendor = PaperVendor()
    case = Case(vendor)
    assert isinstance(case.settle(doubted(case, age=timedelta(minutes=1))), Booked)
    assert (vendor.calls, vendor.looks, [type(outcome) for outcome in case.told]) == (1, 1, [Booked])


def test_a_time_taken_by_a_forgotten_attempt_is_not_called_taken() -> None:
    vendor = made_before(shows_after=4, failures=[SlotTaken(), SlotTaken(), SlotTaken(), SlotTaken()], can_repeat=True)
    case = Case(vendor)
    assert isinstance(case.settle(doubted(case)), Booked)
    assert len(vendor.made) == 1


def test_a_time_taken_by_somebody_else_is_said_to_be_taken_once_that_is_certain() -> None:
    vendor = PaperVendor(failures=[SlotTaken()] * 50, can_repeat=True)
    case = Case(vendor)
    assert case.settle(doubted(case)) == Refused("REF23456", "taken")
    assert timedelta(milliseconds=case.now_ms - 1_000_000) >= TRAITS.longest_processing + TRAITS.visibility
