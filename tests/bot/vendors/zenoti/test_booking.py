import asyncio

from tests.bot.vendors.zenoti.world import KNOWN_PHONE, NEW_PHONE, Notebook, open_world


def test_a_known_guest_costs_four_calls_with_the_look(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            guest = (await world.guests(KNOWN_PHONE[4:]))[0]["id"]
            openings = await world.look(customer_id=guest)
            request = world.request(openings.slots[0], phone=KNOWN_PHONE, customer_id=guest)
            appointment = await world.zenoti.book(world.location, request, Notebook())
            assert await world.calls() == {"draft": 1, "slots": 1, "reserve": 1, "confirm": 1}
            assert appointment.starts_at == request.starts_at
            assert [row["id"] for row in await world.made()] == [appointment.id]

    asyncio.run(scenario())


def test_a_new_guest_costs_seven_calls_with_the_look(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_world(redis_url) as world:
            openings = await world.look()
            request = world.request(openings.slots[0], phone=NEW_PHONE)
            appointment = await world.zenoti.book(world.location, request, Notebook())
            calls = await world.calls()
            assert calls.pop("countries") == 1
            assert calls == {"draft": 2, "slots": 1, "guest_search": 1, "guest_create": 1, "reserve": 1, "confirm": 1}
            assert await world.check(request, {}) == await world.check(request, {"guest": appointment.customer_id})
            assert len(await world.guests(NEW_PHONE[4:])) == 1

    asyncio.run(scenario())
