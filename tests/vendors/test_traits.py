"""A vendor can do what its traits say, and says all that it can do."""

from dataclasses import fields, replace
from datetime import timedelta

import pytest

from bot.errors import AskCustomer
from bot.sandbox.vendors import EMULATORS
from bot.vendors.base import VendorTraits
from tests.vendors.cases import TURNINGS, each_vendor
from tests.vendors.world import MIA, Case, World, play


@each_vendor
def test_traits_are_filled_in(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        traits = world.vendor.traits
        assert traits.slug == case.slug
        assert {one.name for one in fields(VendorTraits)} >= {"can_hold", "can_repeat", "can_move", "can_cancel"}
        assert traits.calls_per_minute > 0
        assert timedelta() < traits.longest_processing <= timedelta(minutes=5)
        assert timedelta() <= traits.visibility <= timedelta(minutes=5)

    play(case, redis_url, scenario)


@each_vendor
def test_a_phone_number_is_needed_exactly_where_it_is_said(case: Case, redis_url: str) -> None:
    """Who is known by it cannot be booked without: an e-mail address in its place may do."""

    async def scenario(world: World) -> None:
        needs_phone = world.vendor.traits.needs_phone
        request = world.ask(await world.choose(), contact=replace(MIA, phone="", email="" if needs_phone else MIA.email))
        if needs_phone:
            with pytest.raises(AskCustomer) as caught:
                await world.book(request)
            assert caught.value.text_key == "error.phone_needed"
            assert await world.live() == []
        else:
            await world.book(request)

    play(case, redis_url, scenario)


@each_vendor
def test_an_email_address_is_needed_exactly_where_it_is_said(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        request = world.ask(await world.choose(), contact=replace(MIA, email=""))
        if world.vendor.traits.needs_email:
            with pytest.raises(AskCustomer) as caught:
                await world.book(request)
            assert caught.value.text_key == "error.email_needed"
            assert await world.live() == []
        else:
            await world.book(request)

    play(case, redis_url, scenario)


@each_vendor
def test_a_vendor_that_chooses_by_itself_is_said_to(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        made = await world.book_first()
        [row] = await world.live()
        assert world.vendor.traits.can_book_anyone
        assert row["staff_name"]
        assert made.staff_name in ("", row["staff_name"], row["staff_name"].split()[0])

    play(case, redis_url, scenario)


def test_every_vendor_that_is_emulated_keeps_the_contract() -> None:
    assert EMULATORS.keys() <= TURNINGS.keys()
