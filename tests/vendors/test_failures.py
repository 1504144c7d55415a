"""Whatever goes wrong below, what comes out is named by what to do next, with the vendor, the verb and our reference."""

from collections.abc import Awaitable, Callable

import pytest

from bot.errors import CallStaff, FrontdeskError, OutcomeUnknown, TryAgain, VendorChanged
from bot.sandbox.faults import FaultKind
from bot.sandbox.vendor import Errand
from tests.vendors.cases import each_vendor
from tests.vendors.world import Case, World, play

READS: dict[Errand, Callable[[World], Awaitable[object]]] = {
    "locations": lambda world: world.vendor.list_locations(),
    "services": lambda world: world.vendor.list_services(world.location),
    "staff": lambda world: world.vendor.list_staff(world.location, world.service.id),
    "slots": lambda world: world.look(),
    "find": lambda world: world.list_mine("1"),
}
KINDS: tuple[FaultKind, ...] = (
    "refuse",
    "cut_before",
    "cut_after",
    "slow_before",
    "rate_limit",
    "html",
    "truncate",
    "fail_after",
)
STATUSES = (400, 401, 403, 404, 409, 418, 422, 429, 500, 502, 503, 504)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("errand", READS)
@each_vendor
def test_a_read_that_fails_says_what_to_do(case: Case, errand: Errand, kind: FaultKind, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        if errand == "find":
            made = await world.book_first()
            await world.settle_down()
        await world.forget()
        world.fail(errand, kind, times=20, seconds=1.5)
        with pytest.raises((TryAgain, VendorChanged, CallStaff)) as caught:
            await (world.list_mine(made.customer_id) if errand == "find" else READS[errand](world))
        assert caught.value.source == case.slug
        assert caught.value.verb

    play(case, redis_url, scenario)


@pytest.mark.parametrize("status", STATUSES)
@each_vendor
def test_every_status_is_understood(case: Case, status: int, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        world.fail("slots", "refuse", times=20, status=status)
        with pytest.raises((TryAgain, VendorChanged, CallStaff)):
            await world.look()
        await world.settle_down()
        slot = await world.choose()
        world.fail("book", "refuse", times=20, status=status)
        with pytest.raises(FrontdeskError) as caught:
            await world.book(world.ask(slot))
        assert (caught.value.source, caught.value.reference) == (case.slug, "K7Q2M9")
        assert isinstance(caught.value, OutcomeUnknown) or status < 500
        assert await world.live() == []

    play(case, redis_url, scenario)


@each_vendor
def test_no_error_quotes_the_customer(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        slot = await world.choose()
        for kind in KINDS:
            world.fail("book", kind, times=3, seconds=1.5)
            with pytest.raises(FrontdeskError) as caught:
                await world.book(world.ask(slot))
            told = str(caught.value)
            assert not any(word in told for word in ("Mia", "912345678", "mia@"))
            await world.settle_down()
            for row in await world.live():
                await world.control("DELETE", f"/appointments/{row['id']}")

    play(case, redis_url, scenario)
