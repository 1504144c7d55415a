"""Every fault at the one call that books, and at the looks after it: the outcome class is right, and the record agrees."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import CallStaff, FrontdeskError, OutcomeUnknown, SlotTaken, TryAgain
from bot.model import Appointment, BookingRequest
from bot.sandbox.faults import FaultKind
from bot.vendors.http import TIMEOUT, Answer, Call, VendorHttp
from bot.vendors.whautomate import TRAITS
from tests.bot.vendors.whautomate.world import NEW_PHONE, REGULAR_PHONE, Notebook, World, open_world

BEFORE: tuple[FaultKind, ...] = ("refuse", "cut_before", "html", "rate_limit")
AFTER: tuple[FaultKind, ...] = ("fail_after", "cut_after", "truncate")
VARIANTS: tuple[dict[str, Any], ...] = (
    {},
    {"echo_notes": True},
    {"inline_client_links_by_phone": False, "phone_form": "repeated"},
    {"end_date": "exclusive", "time_format": "iso"},
)
SHORT = timedelta(seconds=1.5)
"""Too little to wait out a `Retry-After` of a second."""


async def attempt(world: World, request: BookingRequest, progress: Notebook) -> Appointment | FrontdeskError:
    try:
        return await world.vendor.book(world.location, request, progress)
    except FrontdeskError as error:
        return error


async def finish(world: World, request: BookingRequest, progress: Notebook) -> Appointment:
    """What the saga does with a healthy vendor: look, wait until it would show, go on with the same progress."""
    found = await world.vendor.find_booking(world.location, request, progress.values)
    if found is None:
        world.clock.advance(TRAITS.longest_processing + TRAITS.visibility + timedelta(seconds=1))
        found = await world.vendor.book(world.location, request, progress)
    return found


@pytest.mark.parametrize("kind", [*BEFORE, *AFTER])
@pytest.mark.parametrize("is_known", [True, False])
@pytest.mark.parametrize(
    "switches", [{}, {"echo_notes": True}, {"inline_client_links_by_phone": False, "phone_form": "repeated"}]
)
def test_a_fault_never_books_twice_and_never_lies(
    redis_url: str, kind: FaultKind, is_known: bool, switches: dict[str, Any]
) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, limit=SHORT if kind == "rate_limit" else TIMEOUT, **switches) as world:
            known = (await world.guests(REGULAR_PHONE))[0]["id"] if is_known else ""
            phone = REGULAR_PHONE if is_known else NEW_PHONE
            request, progress = world.request((await world.look()).slots[-1], customer_id=known, phone=phone), Notebook()
            world.fail("book", kind)
            outcome = await attempt(world, request, progress)
            assert isinstance(outcome, TryAgain if kind == "rate_limit" else OutcomeUnknown)
            assert bool(progress.kept["posted"]) == (kind != "rate_limit")
            found = await world.check(request, progress.values)
            assert (found is not None) == (kind in AFTER)
            assert (await finish(world, request, progress)).starts_at == request.starts_at
            assert len(await world.made()) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("operation", ["appointments", "client"])
@pytest.mark.parametrize("kind", ["refuse", "html", "cut_before", "truncate", "rate_limit"])
def test_a_look_that_fails_leaves_the_outcome_unknown(redis_url: str, operation: str, kind: FaultKind) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, limit=SHORT) as world:
            request, progress = world.request((await world.look()).slots[0]), Notebook()
            world.fail("book", "cut_after")
            assert isinstance(await attempt(world, request, progress), OutcomeUnknown)
            world.fail(operation, kind, times=30)
            with pytest.raises(FrontdeskError) as caught:
                await world.vendor.find_booking(world.location, request, progress.values)
            assert isinstance(caught.value, TryAgain)
            world.close_circuit()
            assert isinstance(await attempt(world, request, progress), OutcomeUnknown)
            world.close_circuit()
            assert await world.check(request, progress.values) is not None
            assert isinstance(await attempt(world, request, progress), Appointment)
            assert (await world.calls())["book"] == 1

    asyncio.run(scenario())


class Impatient(VendorHttp):
    """Gives one kind of call hardly any time."""

    def __init__(self, http: VendorHttp, verb: str) -> None:
        vars(self).update(vars(http))
        self._verb = verb

    async def send(self, call: Call) -> Answer:
        return await super().send(replace(call, timeout=timedelta(milliseconds=150)) if call.verb == self._verb else call)


@pytest.mark.parametrize("kind", ["slow_before", "slow_after", "create_delay"])
def test_a_slow_vendor_is_not_waited_for_and_what_it_made_is_found(redis_url: str, kind: Any) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request, progress = world.request((await world.look()).slots[0]), Notebook()
            if kind == "create_delay":
                world.turn(create_delay_ms=300)
            else:
                world.fail("book", kind, seconds=0.3)
            patient, world.vendor = world.vendor, world.rebuild(http=Impatient(world.http, "book"))
            assert isinstance(await attempt(world, request, progress), OutcomeUnknown)
            world.vendor = patient
            await world.is_idle()
            assert await world.check(request, progress.values) is not None
            assert len(await world.made()) == 1

    asyncio.run(scenario())


def test_a_booking_that_shows_too_late_is_not_made_again_where_somebody_was_named(redis_url: str) -> None:
    """The vendor's own refusal of the clash is what saves it."""

    async def scenario() -> None:
        async with open_world(redis_url, read_delay_seconds=3600) as world:
            person = world.staff[0].id
            request, progress = world.request((await world.look(staff_id=person)).slots[-1], staff_id=person), Notebook()
            world.fail("book", "cut_after")
            assert isinstance(await attempt(world, request, progress), OutcomeUnknown)
            world.clock.advance(TRAITS.longest_processing + TRAITS.visibility)
            assert isinstance(await attempt(world, request, progress), OutcomeUnknown)
            assert len(await world.made()) == 1
            world.clock.advance(timedelta(hours=1))
            assert await world.check(request, progress.values) is not None

    asyncio.run(scenario())


@pytest.mark.parametrize("kind", ["cut_before", "cut_after"])
def test_a_repeat_for_anyone_names_whom_the_first_attempt_had_named(redis_url: str, kind: FaultKind) -> None:
    """Where the vendor does not choose by itself; the lists show nothing yet."""

    async def scenario() -> None:
        async with open_world(redis_url, book_without_staff="error", read_delay_seconds=3600) as world:
            request, progress = world.request((await world.look()).slots[-1]), Notebook()
            world.fail("book", kind, after=1)
            assert isinstance(await attempt(world, request, progress), OutcomeUnknown)
            again = await attempt(world, request, progress)
            assert isinstance(again, Appointment if kind == "cut_before" else OutcomeUnknown)
            assert len(await world.made()) == 1

    asyncio.run(scenario())


def test_the_first_of_two_stays_when_both_show(redis_url: str) -> None:
    """For anyone, another person is free for the repeat: the first attempt shows right after it."""

    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request, progress = world.request(await world.find_time_of_both()), Notebook()
            world.fail("book", "cut_after")
            assert isinstance(await attempt(world, request, progress), OutcomeUnknown)
            first = (await world.made())[0]
            answers = [b"[]"]
            world.garbling.changes["GET appointments"] = lambda body: answers.pop() if answers else body
            made = await attempt(world, request, progress)
            assert isinstance(made, Appointment)
            assert [row["id"] for row in await world.made()] == [first["id"]] == [made.id]
            assert (await world.calls())["book"] == 2

    asyncio.run(scenario())


class Death(Exception):
    pass


class Mortal(Notebook):
    async def save(self, **values: str) -> None:
        await super().save(**values)
        raise Death


def test_a_worker_that_died_before_its_call_leaves_nothing(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request, progress = world.request((await world.look()).slots[0]), Mortal()
            with pytest.raises(Death):
                await world.vendor.book(world.location, request, progress)
            survivor = Notebook(dict(progress.kept))
            assert await world.check(request, survivor.values) is None
            assert isinstance(await world.rebuild().book(world.location, request, survivor), Appointment)
            assert len(await world.made()) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("echo_notes", [True, False])
def test_a_stranger_or_another_booking_is_never_taken_for_ours(redis_url: str, echo_notes: bool) -> None:
    """Neither one with the same name, nor an earlier booking of the same customer for the same service and time."""

    async def scenario() -> None:
        async with open_world(redis_url, echo_notes=echo_notes) as world:
            request = world.request((await world.look()).slots[-1])
            made = await world.vendor.book(world.location, request, Notebook())
            stranger = replace(request, reference="FD-2", contact=replace(request.contact, phone="+351912999999"))
            assert await world.vendor.find_booking(world.location, stranger, {}) is None
            friend = replace(request, reference="FD-3")
            assert await world.vendor.find_booking(world.location, friend, {}) is None
            known = replace(friend, contact=replace(request.contact, customer_id=made.customer_id))
            assert await world.vendor.find_booking(world.location, known, {"posted": "known"}) is None
            assert await world.vendor.find_booking(world.location, request, {}) == made

    asyncio.run(scenario())


def test_a_repeat_that_is_refused_proves_nothing(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slot = (await world.look()).slots[0]
            request, progress = world.request(slot), Notebook({"posted": "inline"})
            await world.fill(slot)
            assert isinstance(await attempt(world, request, progress), OutcomeUnknown)
            assert progress.kept["posted"] == "inline"
            fresh = Notebook()
            assert isinstance(await attempt(world, request, fresh), SlotTaken)
            assert not any(fresh.kept.values())

    asyncio.run(scenario())


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_repeat_refused_for_any_reason_says_nothing_of_the_first(redis_url: str, status: int) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            person = world.staff[1].id
            request = world.request((await world.look(staff_id=person)).slots[0], staff_id=person)
            world.fail("book", "refuse", status=status)
            assert isinstance(await attempt(world, request, Notebook({"posted": "inline"})), OutcomeUnknown)
            world.fail("book", "refuse", status=status)
            assert isinstance(await attempt(world, request, Notebook()), CallStaff)

    asyncio.run(scenario())


def test_a_second_look_that_fails_after_a_refusal_says_that_nothing_was_made(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            slot = (await world.look()).slots[0]
            await world.fill(slot)
            world.fail("slots", "html", times=30)
            progress = Notebook()
            assert isinstance(await attempt(world, world.request(slot), progress), TryAgain)
            world.emulator.faults.clear()
            world.garbling.changes["GET slots"] = lambda _: b'{"new": "shape"}'
            assert isinstance(await attempt(world, world.request(slot), progress), CallStaff)
            assert not any(progress.kept.values())

    asyncio.run(scenario())
