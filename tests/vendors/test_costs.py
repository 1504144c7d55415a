"""A booking costs no more calls than the vendor's documents make necessary, the look at the times included."""

from dataclasses import replace
from datetime import timedelta

from bot.model import Contact
from tests.vendors.cases import TURNINGS, each_vendor
from tests.vendors.world import MIA, NOAH, TOMORROW, Case, World, play

IDA = Contact("Ida Lund", "+351915555555", "ida@example.com")


async def count(world: World, contact: Contact, days: int) -> int:
    """Calls of one look and one booking, nothing of an earlier look being fresh any more."""
    world.clock.advance(timedelta(minutes=6))
    await world.control("DELETE", "/calls")
    openings = await world.look(TOMORROW + timedelta(days=days), customer_id=contact.customer_id)
    await world.book(world.ask(openings.slots[0], contact=contact, reference=f"C0ST{days:02}"))
    return sum((await world.calls()).values())


@each_vendor
def test_a_booking_costs_what_the_documents_make_necessary(case: Case, redis_url: str) -> None:
    async def scenario(world: World) -> None:
        for days, warm in enumerate((NOAH, IDA)):  # reads the catalogue, and how the vendor wants to be asked
            await count(world, warm, days)
        costs = TURNINGS[case.slug].costs
        assert await count(world, MIA, 2) == costs.new
        known = replace(MIA, customer_id=(await world.live())[-1]["guest_id"])
        assert await count(world, known, 3) == costs.known

    play(case, redis_url, scenario)
