"""What a conversation costs: calls to the vendor, whose quota is 60 a minute, and scripts run in Redis."""

import asyncio
from collections import Counter

from tests.journeys.talk import House, play, wait_until

CATALOGUE = ("centers", "services", "service_therapists")


def test_a_customer_the_vendor_knows_costs_four_calls() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await mia.books("Harbour", "Haircut", "Anyone", "First free")
        await house.wait(minutes=5)  # no look of a minute ago is left
        await house.forget_calls()
        await mia.books("Harbour", "Haircut", "Anyone", "First free")
        assert await house.vendor_calls() == {"draft": 1, "slots": 1, "reserve": 1, "confirm": 1}

    play(scenario)


def test_a_customer_new_to_the_vendor_costs_seven_calls() -> None:
    """Looking them up, making them and a draft in their name come on top: slots are looked at before anybody is known."""

    async def scenario(house: House) -> None:
        for name, phone in (("Noah", "+351912345679"), ("Ida", "+351912345670")):
            warm = await house.customer(name, phone=phone)  # reads catalogue and countries, and how numbers are searched
            await warm.books("Harbour", "Haircut", "Anyone", "First free")
        await house.wait(minutes=5)
        await house.forget_calls()
        mia = await house.customer("Mia", phone="+351912345678")
        await mia.books("Harbour", "Haircut", "Anyone", "First free")
        calls = await house.vendor_calls()
        assert calls == {"draft": 2, "slots": 1, "guest_search": 1, "guest_create": 1, "reserve": 1, "confirm": 1}
        assert sum(calls.values()) == 7

    play(scenario)


def test_people_who_book_at_once_share_what_is_the_same_for_all() -> None:
    async def book(house: House, number: int) -> None:
        person = await house.customer(("Ada", "Ben", "Cleo", "Dan", "Eva")[number], phone=f"+35191234567{number}")
        await person.says("/start")
        for choice in ("Harbour", "Swedish", "Anna"):
            await person.taps(choice)
        await person.says("29 march")
        await person.taps(("09:00", "10:30", "12:00", "13:30", "15:00")[number])
        await person.taps("Share my number")
        await person.taps("Book ")
        await person.reads("Booked:")

    async def scenario(house: House) -> None:
        await asyncio.gather(*(book(house, number) for number in range(5)))
        calls = await house.vendor_calls()
        assert {name: calls[name] for name in (*CATALOGUE, "countries")} == dict.fromkeys((*CATALOGUE, "countries"), 1)
        assert len(await house.appointments()) == 5

    play(scenario)


def test_a_booking_at_the_platforms_and_the_vendors_real_limits_runs_into_none() -> None:
    """The bot's own pace keeps it below Telegram's; nobody answers 429."""

    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await mia.books("Harbour", "Haircut", "Anyone", "First free")
        await house.staff().reads("Booked")
        calls = (await house.control("GET", "/telegram/calls"))["log"] + (await house.vendor_control("GET", "/calls"))["log"]
        assert {call["status"] for call in calls} == {200}

    play(scenario, quiet=False)


def test_two_hundred_people_browsing_cost_a_dozen_catalogue_calls() -> None:
    async def browse(house: House, number: int) -> None:
        person = await house.customer(f"Guest{number}")
        await person.says("/start")
        for choice in ("Harbour", ("Haircut", "Swedish", "Express facial", "Lash lift")[number % 4], "Anyone"):
            await person.taps(choice)
        await person.reads("Which day?")

    async def scenario(house: House) -> None:
        await asyncio.gather(*(browse(house, number) for number in range(200)))
        calls = await house.vendor_calls()
        assert sum(calls.get(operation, 0) for operation in CATALOGUE) == 1 + 1 + 4
        assert sum(calls.values()) <= 6 + 4 * 3 * 2  # a draft and its slots for each service and each of three days at most

    play(scenario)


async def count_scripts(house: House) -> Counter[str]:
    names = ("enqueue", "claim", "commit", "sent", "renew", "release", "fired")
    return Counter({name: int(await house.metric("frontdesk_redis_scripts_total", script=name)) for name in names})


async def is_at_rest(house: House, turns: int) -> bool:
    return await house.metric("frontdesk_turns_total", end="done") == turns


def test_a_turn_without_vendor_calls_is_four_scripts_three_of_them_before_the_reply() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia")
        await mia.says("/start")
        await mia.reads("Where")
        await wait_until(lambda: is_at_rest(house, 1), "the first turn's end")
        await house.fault("telegram", "sendMessage", "slow_before", seconds=1.5)
        before = await count_scripts(house)
        await mia.says("/language")
        await wait_until(lambda: has_sent_off(house), "a reply under way")
        assert await count_scripts(house) - before == Counter(enqueue=1, claim=1, commit=1)
        await mia.reads("Which language")
        await wait_until(lambda: is_at_rest(house, 2), "the second turn's end")
        assert await count_scripts(house) - before == Counter(enqueue=1, claim=1, commit=1, sent=1)

    play(scenario)


async def has_sent_off(house: House) -> bool:
    return not await house.control("GET", "/telegram/faults")


def test_the_whole_way_to_the_summary_costs_at_most_four_scripts_a_turn() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await mia.says("/start")
        for choice in ("Harbour", "Swedish", "Anna", "First free", "Share my number"):
            await mia.taps(choice)
        await mia.reads("Book it?")
        await wait_until(lambda: has_sent(house, 6), "the last turn's end")
        # Fewer where a tap was quick enough to be worked off with the one before.
        assert await count_scripts(house) <= Counter(enqueue=6, claim=6, commit=6, sent=6)

    play(scenario)


async def has_sent(house: House, messages: int) -> bool:
    return (await count_scripts(house))["sent"] == messages
