"""The bot is killed while nobody knows whether a booking worked: the next one goes on looking, and tells."""

import asyncio

import pytest

from tests.faults.test_shutdown import count_booked, lead_to_summary, open_scene


@pytest.mark.parametrize("kind", ["cut_after", "cut_before"], ids=["made", "not made"])
def test_a_kill_while_it_is_unclear_leaves_one_appointment_and_one_answer(kind: str) -> None:
    async def run() -> None:
        async with open_scene(lease=2.0, vendor_timeout=1.0) as scene:
            house = scene.house
            mia = await lead_to_summary(house)
            button = await mia.button("Book ")
            await house.fault("zenoti", "confirm", kind)
            await house.fault("zenoti", "guest_appointments", "refuse", times=1000)
            await mia.taps_at(button)
            await mia.reads("I am checking with the salon whether it worked")
            for _ in range(3):
                await scene.process.kill()
                await scene.process.start()
                await mia.taps_at(button)
                await mia.reads("I am still checking with the salon")
            await house.control("DELETE", "/zenoti/faults")
            await mia.reads("Booked:")
            await house.staff().reads("Booked:")
            await mia.taps_at(button)
            await mia.reads("You have used that button already")
            assert count_booked(await mia.lines()) == count_booked(await house.staff().lines()) == 1
            assert len(await house.appointments()) == 1

    asyncio.run(run())
