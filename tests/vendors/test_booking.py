"""A booking stands exactly once, as it was wished, whatever becomes of the answers."""

import asyncio
from datetime import UTC

import pytest

from bot.errors import FrontdeskError, OutcomeUnknown, SlotTaken, TryAgain
from bot.model import Contact, DayOpenings, Slot
from bot.sandbox.faults import FaultKind
from tests.vendors.cases import each_switch, each_vendor
from tests.vendors.world import LISBON, MASSAGE, MIA, NOAH, Case, Notebook, World, instant, play


def keep_digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdecimal())


@each_switch
def test_a_booking_is_in_the_record_as_it_was_wished(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        anna = await world.find_staff("Anna")
        slot = await world.choose(staff_id=anna.id)
        request = world.ask(slot, staff_id=anna.id)
        progress = Notebook()
        made = await world.book(request, progress)
        [row] = await world.live()
        assert made.id == row["id"]
        assert instant(row) == slot.starts_at == made.starts_at
        assert made.starts_at.tzinfo == world.location.zone
        assert (row["staff_name"], row["guest_name"], row["service_name"]) == ("Anna Lindqvist", MIA.name, world.service.name)
        assert made.service_id == world.service.id
        assert made.location_id == world.location.id
        assert made.status.is_live
        if world.vendor.traits.needs_phone:
            assert keep_digits(row["guest_phone"]).endswith(MIA.phone[4:])
        await world.settle_down()
        found = await world.vendor.find_booking(world.location, request, progress.values)
        assert found
        assert (found.id, found.starts_at) == (made.id, made.starts_at)
        [listed] = await world.list_mine(made.customer_id)
        assert (listed.id, listed.starts_at, listed.service_name) == (made.id, made.starts_at, world.service.name)
        assert listed.status.is_live

    play(case, redis_url, scenario)


@each_switch
def test_anyone_is_found_for_two_who_want_the_same_time(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        slot = find_time_for_two(world, await world.look())
        first = await world.book(world.ask(slot))
        second = await world.book(world.ask(slot, contact=NOAH, reference="R3F3R3"))
        rows = await world.live()
        assert len({row["staff_id"] for row in rows}) == 2
        assert {row["id"] for row in rows} == {first.id, second.id}
        with pytest.raises(SlotTaken):
            await world.book(world.ask(slot, contact=Contact("Zoe", "+351914444444", "zoe@example.com"), reference="TH1RD2"))
        assert len(await world.live()) == 2

    play(case, redis_url, scenario)


def find_time_for_two(world: World, openings: DayOpenings) -> Slot:
    """One at which exactly two people are free, by the book."""
    free = dict(world.open_book().list_starts(LISBON, MASSAGE, None, openings.day))
    return next(slot for slot in openings.slots if len(free.get(slot.starts_at.astimezone(UTC), ())) == 2)


@each_switch
def test_a_time_taken_meanwhile_is_said_to_be_taken(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        slot = await world.choose()
        await world.fill(slot)
        with pytest.raises(SlotTaken) as caught:
            await world.book(world.ask(slot))
        assert (caught.value.source, caught.value.reference) == (case.slug, "K7Q2M9")
        assert caught.value.verb
        assert await world.live() == []

    play(case, redis_url, scenario)


@pytest.mark.parametrize("kind", ["cut_before", "cut_after"])
@each_switch
def test_a_lost_answer_never_makes_two(case: Case, kind: FaultKind, redis_url: str) -> None:
    """Looked for as long as the traits say, then tried again: there is one, and it is the one we are told of."""

    async def scenario(world: World) -> None:
        request, progress = world.ask(await world.choose()), Notebook()
        world.fail("book", kind)
        with pytest.raises((OutcomeUnknown, TryAgain)):
            await world.book(request, progress)
        await world.settle_down()
        found = await world.vendor.find_booking(world.location, request, progress.values)
        [*rows] = await world.live()
        assert (found.id if found else None) == (rows[0]["id"] if rows else None)
        made = await world.book(request, progress)
        [row] = await world.live()
        assert (made.id, made.starts_at) == (row["id"], instant(row))

    play(case, redis_url, scenario)


@pytest.mark.parametrize("kind", ["refuse", "fail_after", "slow_after", "truncate", "html", "rate_limit"])
@each_vendor
def test_every_bad_answer_to_a_booking_leaves_one_or_none(case: Case, kind: FaultKind, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        request, progress = world.ask(await world.choose()), Notebook()
        world.fail("book", kind, seconds=1.5)
        with pytest.raises(FrontdeskError) as caught:
            await world.book(request, progress)
        assert (caught.value.source, caught.value.reference) == (case.slug, request.reference)
        await world.settle_down()
        if not isinstance(caught.value, OutcomeUnknown):
            assert await world.live() == []
        await world.book(request, progress)
        assert len(await world.live()) == 1

    play(case, redis_url, scenario)


@each_vendor
def test_a_vendor_that_allows_repeats_may_be_asked_again_at_once(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        if not world.vendor.traits.can_repeat:
            return
        request, progress = world.ask(await world.choose()), Notebook()
        world.fail("book", "cut_after")
        with pytest.raises(OutcomeUnknown):
            await world.book(request, progress)
        await world.book(request, progress)
        assert len(await world.live()) == 1

    play(case, redis_url, scenario)


@each_vendor
def test_twelve_at_once_are_one_appointment(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        anna = await world.find_staff("Anna")
        slot = await world.choose(staff_id=anna.id)
        people = [Contact(f"Guest {number}", f"+3519150000{number:02}", f"g{number}@example.com") for number in range(12)]
        wishes = [
            world.book(world.ask(slot, contact=one, staff_id=anna.id, reference=f"R3F{number:03}"))
            for number, one in enumerate(people)
        ]
        ends = await asyncio.gather(*wishes, return_exceptions=True)
        assert len([one for one in ends if not isinstance(one, BaseException)]) == 1
        assert len([one for one in ends if isinstance(one, SlotTaken)]) == 11
        assert len(await world.live()) == 1

    play(case, redis_url, scenario)


@each_vendor
def test_somebody_elses_appointment_is_never_taken_for_ours(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        slot = await world.choose()
        await world.book(world.ask(slot, contact=NOAH, reference="R3F3R3"))
        found = await world.vendor.find_booking(world.location, world.ask(slot), {})
        assert found is None

    play(case, redis_url, scenario)
