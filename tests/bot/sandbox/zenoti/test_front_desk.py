"""What the desk does goes out as webhooks, like what anybody does."""

from tests.bot.sandbox.zenoti.salon import EMPTY_DAY, HARBOUR, RUI, SWEDISH, Salon, play
from tests.bot.sandbox.zenoti.test_webhooks import opened_receiver


def test_the_desk_announces_what_it_books_and_cancels() -> None:
    async def scenario(salon: Salon) -> None:
        async with opened_receiver(salon) as receiver:
            wish = {"location_id": HARBOUR.id, "staff_id": RUI.id, "service_id": SWEDISH.id, "guest_name": "Ada Reis"}
            made = (await salon.control("POST", "/appointments", json=wish | {"start_time": f"{EMPTY_DAY}T14:00:00"})).body
            await receiver.wait_for(1)
            await salon.control("DELETE", f"/appointments/{made['id']}")
            await receiver.wait_for(2)
            assert [event["event_type"] for event in receiver.events] == ["AppointmentGroup.Created", "AppointmentGroup.Status"]
            assert {event["data"]["invoice_id"] for event in receiver.events} == {made["invoice_id"]}

    play(scenario)
