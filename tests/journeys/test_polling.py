"""`mode = "polling"`: the same conversation without a public address; in webhook mode the registration is left as it is."""

from typing import Any

from tests.journeys.talk import BOT, House, play


async def find_bot(house: House) -> dict[str, Any]:
    return next(bot for bot in await house.control("GET", "/telegram/bots") if bot["id"] == BOT)


def test_a_booking_works_without_any_webhook() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await mia.books("Harbour", "Haircut", "Anyone", "First free")
        assert (await find_bot(house))["webhook"] == ""
        assert await house.metric("frontdesk_webhooks_total") == 0
        assert len(await house.appointments()) == 1
        await house.staff().reads("Booked: today, Monday 1 March, 13:00")

    play(scenario, mode="polling")


def test_what_is_said_while_nobody_polls_is_answered_once_later() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia")
        await mia.says("/start")
        await mia.reads("Where would you like to come?")
        await house.stop_bot()
        await mia.taps("Harbour")
        await house.start_bot()
        await mia.reads("Harbour. What would you like?")
        assert len(await mia.lines()) == 1

    play(scenario, mode="polling")


def test_a_restart_in_webhook_mode_sets_the_webhook_once() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia")
        await mia.says("/start")
        await mia.reads("Where would you like to come?")
        calls = (await house.control("GET", "/telegram/calls"))["log"]
        methods = [call["method"] for call in calls if call["bot"] == BOT]
        assert methods.count("setWebhook") == 1
        assert not {"deleteWebhook", "getUpdates"}.intersection(methods)
        assert (await find_bot(house))["webhook"].endswith("/telegram/harbour")

    play(scenario)
