"""Every fault at every step of a booking: the outcome class is right, and the record agrees with it afterwards."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import FrontdeskError, OutcomeUnknown, TryAgain
from bot.model import Appointment, BookingRequest
from bot.sandbox.faults import FaultKind
from bot.vendors.http import TIMEOUT, Answer, Call, VendorHttp
from bot.vendors.zenoti import TRAITS
from tests.bot.vendors.zenoti.world import NEW_PHONE, Notebook, World, make_zenoti, open_world

STEPS = ("countries", "guest_search", "guest_create", "draft", "reserve", "confirm")
BEFORE: tuple[FaultKind, ...] = ("refuse", "cut_before", "html", "rate_limit")
AFTER: tuple[FaultKind, ...] = ("fail_after", "cut_after", "truncate")
KINDS: tuple[FaultKind, ...] = (*BEFORE, *AFTER)
STUBBORN: tuple[FaultKind, ...] = ("refuse", "rate_limit", "cut_after", "truncate")
"""Those tried without end too; the others differ from one of them only on the first strike."""
LASTING = 30
"""More strikes than there are repeats."""
SHORT = timedelta(seconds=1.5)
"""Too little to wait out a `Retry-After` of a second."""


async def attempt(world: World, request: BookingRequest, progress: Notebook) -> Appointment | FrontdeskError:
    try:
        return await world.zenoti.book(world.location, request, progress)
    except FrontdeskError as error:
        return error


async def finish(world: World, request: BookingRequest, progress: Notebook) -> Appointment:
    """What the saga does with a healthy vendor: look, wait out the visibility, go on with the same progress."""
    found = await world.zenoti.find_booking(world.location, request, progress.values)
    if found is None:
        world.clock.advance(TRAITS.longest_processing + TRAITS.visibility + timedelta(seconds=1))
        found = await world.zenoti.book(world.location, request, progress)
    return found


@pytest.mark.parametrize(("kind", "times"), [*((kind, 1) for kind in KINDS), *((kind, LASTING) for kind in STUBBORN)])
@pytest.mark.parametrize("step", STEPS)
def test_a_fault_never_books_twice_and_never_lies(redis_url: str, step: str, kind: FaultKind, times: int) -> None:
    async def scenario() -> None:
        async with open_world(redis_url, limit=SHORT if kind == "rate_limit" else TIMEOUT) as world:
            request, progress = world.request((await world.look()).slots[0]), Notebook()
            world.fail(step, kind, times=times)
            outcome = await attempt(world, request, progress)
            found = await world.check(request, progress.values)
            if isinstance(outcome, Appointment):
                assert found is not None
                assert (outcome.id, outcome.starts_at) == (found.id, found.starts_at)
                return
            assert isinstance(outcome, expect(step, kind))
            assert found is None or (step, kind in AFTER) == ("confirm", True)
            assert (await finish(world, request, progress)).starts_at == request.starts_at
            assert len(await world.made()) == 1
            assert len(await world.guests(NEW_PHONE[4:])) == 1

    asyncio.run(scenario())


def expect(step: str, kind: FaultKind) -> tuple[type[FrontdeskError], ...]:
    if step == "confirm":
        return (TryAgain,) if kind == "rate_limit" else (OutcomeUnknown,)
    return (TryAgain,)


@pytest.mark.parametrize("step", ["draft", "reserve", "guest_create"])
@pytest.mark.parametrize("kind", ["refuse", "cut_before", "html", "fail_after", "cut_after", "truncate"])
def test_a_single_lost_answer_before_the_confirm_is_got_over(redis_url: str, step: str, kind: FaultKind) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request, progress = world.request((await world.look()).slots[0]), Notebook()
            world.fail(step, kind)
            outcome = await attempt(world, request, progress)
            if step == "guest_create" and kind in BEFORE:
                assert isinstance(outcome, TryAgain)  # looked up, never repeated blindly
            else:
                assert isinstance(outcome, Appointment)
            assert len(await world.guests(NEW_PHONE[4:])) == isinstance(outcome, Appointment)

    asyncio.run(scenario())


class Impatient(VendorHttp):
    """Gives one kind of call hardly any time."""

    def __init__(self, http: VendorHttp, step: str) -> None:
        vars(self).update(vars(http))
        self._verb = {"guest_search": "search_guests", "guest_create": "create_guest"}.get(step, step)

    async def send(self, call: Call) -> Answer:
        return await super().send(replace(call, timeout=timedelta(milliseconds=150)) if call.verb == self._verb else call)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("kind", ["slow_before", "slow_after"])
def test_a_slow_vendor_is_not_waited_for(redis_url: str, step: str, kind: FaultKind) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request, progress = world.request((await world.look()).slots[0]), Notebook()
            world.fail(step, kind, seconds=0.3, times=LASTING)
            patient, world.zenoti = (
                world.zenoti,
                make_zenoti(Impatient(world.http, step), world.redis, world.clock, world.address),
            )
            outcome = await attempt(world, request, progress)
            world.zenoti = patient
            if (step, kind) == ("guest_create", "slow_after"):
                assert isinstance(outcome, Appointment)  # looked up and found
            else:
                assert isinstance(outcome, OutcomeUnknown if step == "confirm" else TryAgain)
            world.emulator.faults.clear()
            await world.is_idle()
            await world.check(request, progress.values)
            assert isinstance(outcome, Appointment) or (await finish(world, request, progress)).starts_at == request.starts_at
            assert len(await world.made()) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize("died_at", ["reserve", "confirm"])
@pytest.mark.parametrize("kind", [None, *AFTER])
def test_a_worker_that_died_is_taken_up_by_the_next(redis_url: str, died_at: str, kind: FaultKind | None) -> None:
    """Died right after writing the step down, before its call (None) or with the call applied."""

    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request, progress = world.request((await world.look()).slots[0]), Mortal(died_at)
            if kind is not None:
                progress.dies_at = ""
                world.fail(died_at, kind, times=2)
            await attempt_mortal(world, request, progress)
            world.emulator.faults.clear()
            survivor = Notebook(dict(progress.kept))
            found = await world.check(request, survivor.values)
            assert (found is not None) == (died_at == "confirm" and kind is not None)
            await world.clear_calls()
            appointment = await world.rebuild().book(world.location, request, survivor)
            assert appointment.starts_at == request.starts_at
            assert found is None or await world.calls() == {"guest_appointments": 1}  # looked, and not confirmed again
            assert len(await world.made()) == 1

    asyncio.run(scenario())


class Death(Exception):
    pass


class Mortal(Notebook):
    def __init__(self, dies_at: str) -> None:
        super().__init__()
        self.dies_at = dies_at

    async def save(self, **values: str) -> None:
        await super().save(**values)
        if values.get("step") == self.dies_at:
            raise Death


async def attempt_mortal(world: World, request: BookingRequest, progress: Mortal) -> None:
    try:
        await attempt(world, request, progress)
    except Death:
        return


def test_a_confirm_that_was_certainly_not_applied_is_repeated_without_a_look(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request, progress = world.request((await world.look()).slots[0]), Notebook()
            world.fail("confirm", "rate_limit")
            assert isinstance(await attempt(world, request, progress), TryAgain)
            await world.redis.flushall()
            assert isinstance(await attempt(world, request, progress), Appointment)
            assert "guest_appointments" not in await world.calls()

    asyncio.run(scenario())


@pytest.mark.parametrize("second_confirm", ["error", "repeat"])
@pytest.mark.parametrize("code", [400, 502, 4072])
def test_a_confirm_that_shows_late_is_not_made_again(redis_url: str, second_confirm: str, code: int) -> None:
    """The lists do not show it yet, and a second confirm is refused with a code that also means something else."""

    async def scenario() -> None:
        async with open_world(redis_url) as world:
            wishes: dict[str, Any] = {"read_delay_seconds": 20, "second_confirm": second_confirm, "second_confirm_code": code}
            world.emulator.switches.change(wishes)
            world.garbling.changes = {"confirm": lambda body: body.replace(b"already confirmed", b"not possible")}
            request, progress = world.request((await world.look()).slots[0]), Notebook()
            world.fail("confirm", "cut_after")
            assert isinstance(await attempt(world, request, progress), OutcomeUnknown)
            again = await attempt(world, request, progress)
            assert isinstance(again, OutcomeUnknown if second_confirm == "error" else Appointment)
            world.clock.advance(timedelta(seconds=21))
            assert await world.check(request, progress.values) is not None
            assert isinstance(await attempt(world, request, progress), Appointment)
            assert len(await world.made()) == 1

    asyncio.run(scenario())


def test_a_stranger_with_the_same_service_and_time_is_never_taken_for_ours(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            request = world.request((await world.look()).slots[-1])
            await world.zenoti.book(world.location, request, Notebook())
            other = replace(request, reference="FD-2", contact=replace(request.contact, phone="+351912999999"))
            assert await world.zenoti.find_booking(world.location, other, {}) is None
            same_guest = replace(request, reference="FD-3")
            assert await world.zenoti.find_booking(world.location, same_guest, {}) is None

    asyncio.run(scenario())
