"""WhatsApp behind the same conversation: S1 and S13, one message a turn, and what only this platform does."""

from typing import Any

from tests.journeys.talk import NUMBER, House, play, wait_until

MOST_TAPS = 5
"""One fewer than on Telegram: the number is known, and nobody has to share it."""


async def count_sent(house: House) -> int:
    """Messages that Meta would bill."""
    numbers = await house.control("GET", "/whatsapp/numbers")
    return int(next(number["sent"] for number in numbers if number["id"] == NUMBER))


def test_a_new_customer_books_in_five_taps_and_reads_one_message_a_turn() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await mia.books("Harbour", "Haircut", "Anyone", "First free")
        assert (mia.taps_made, mia.lines_typed) == (MOST_TAPS, 0)
        [made] = await house.appointments()
        assert (made["guest_name"], made["guest_phone"]) == ("Mia Chen", "+351 912345678")
        assert await count_sent(house) == MOST_TAPS + 1  # the greeting, and one for each tap
        await mia.never_reads("One moment")
        await house.staff().reads("Booked:", "Mia Chen, +351 912 345 678")

    play(scenario, channel="whatsapp")


def test_every_message_is_marked_as_read_and_answered_with_somebody_typing() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await mia.says("hello")
        await mia.taps("Harbour")
        await mia.reads("What would you like?")

        async def are_read() -> bool:
            return all(message["status"] == "read" for message in await mia.messages() if not message["from_bot"])

        await wait_until(are_read, "read marks")
        calls = (await house.control("GET", "/whatsapp/calls"))["by_operation"]
        assert calls["read"] == calls["messages"] == 2

    play(scenario, channel="whatsapp")


def test_somebody_without_a_phone_number_books_like_anyone_else() -> None:
    async def scenario(house: House) -> None:
        priya = await house.customer("Priya", last_name="Nair", phone="+447700900123", username="priya", hides_number=True)
        await priya.says("hello")
        for choice in ("Harbour", "Haircut", "Anyone", "First free"):
            await priya.taps(choice)
        asked = await priya.reads("What number can the salon reach you at?", "You can also type:")
        assert "Talk to a person" in asked
        await priya.taps("Share contact info")
        await priya.reads("Name: Priya Nair, +44 7700 900123. Book it?")
        await priya.taps("Book 13:00")
        await priya.reads("Booked:")
        [made] = await house.appointments()
        assert made["guest_name"] == "Priya Nair"

    play(scenario, channel="whatsapp")


def test_a_card_picked_by_hand_does_not_prove_a_number() -> None:
    async def scenario(house: House) -> None:
        priya = await house.customer("Priya", phone="+447700900123", hides_number=True)
        await priya.says("hello")
        for choice in ("Harbour", "Haircut", "Anyone", "First free"):
            await priya.taps(choice)
        await priya.reads("What number")
        await house.control("POST", f"/whatsapp/{NUMBER}/chats/{priya.chat}/contact", person=priya.chat, of="own", by_hand=True)
        await priya.reads("belongs to someone else")

    play(scenario, channel="whatsapp")


def test_new_numbers_and_ids_keep_the_conversation() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await house.control("PUT", "/whatsapp/delivery", statuses=False)
        await mia.books("Harbour", "Haircut", "Anyone", "First free")
        before = await count_deliveries(house)
        await change(house, mia.chat, phone="+351913000000", user_id="US.99887766")

        async def is_told() -> bool:
            return await count_deliveries(house) >= before + 2

        await wait_until(is_told, "both changes")
        await mia.says("/start")
        await mia.reads("Good to see you again, Mia Chen!")

    play(scenario, channel="whatsapp")


async def count_deliveries(house: House) -> float:
    """Webhooks that the bot has taken."""
    return await house.metric("frontdesk_webhooks_total", channel="whatsapp", answer="200")


async def change(house: House, person: int, **wish: Any) -> None:
    await house.control("PUT", f"/whatsapp/people/{person}", **wish)


def test_a_send_without_an_answer_is_settled_by_its_status_and_not_repeated() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await house.fault("whatsapp", "messages", "cut_after")
        await mia.says("hello")
        await mia.taps("Harbour")
        await mia.reads("What would you like?")
        assert len(await mia.lines()) == 2

    play(scenario, channel="whatsapp")


def test_a_send_that_never_arrived_is_made_again_once_no_status_can_come() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await house.fault("whatsapp", "messages", "cut_before")
        await mia.says("hello")
        await wait_until(lambda: is_unclear(house), "an unclear send")
        assert await mia.lines() == []
        await house.wait(minutes=2)
        await mia.reads("Where")
        assert len(await mia.lines()) == 1

    play(scenario, channel="whatsapp")


async def is_unclear(house: House) -> bool:
    return await house.metric("frontdesk_messages_total", outcome="unknown") > 0


def test_what_may_not_be_sent_any_more_is_kept_and_counted() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await house.fault("whatsapp", "messages", "cut_before")
        await mia.says("hello")
        await wait_until(lambda: is_unclear(house), "an unclear send")
        await house.wait(hours=25)
        await wait_until(lambda: is_kept(house), "a dead letter")
        assert await house.metric("frontdesk_messages_total", outcome="window") == 1
        await mia.says("hello?", at_once=True)
        await mia.reads("Where")

    play(scenario, channel="whatsapp")


async def is_kept(house: House) -> bool:
    return await house.metric("frontdesk_dead_letters_total", kind="message", reason="window") == 1


def test_old_buttons_and_double_taps_do_nothing_twice() -> None:
    async def scenario(house: House) -> None:
        mia = await house.customer("Mia", phone="+351912345678")
        await mia.says("hello")
        for choice in ("Harbour", "Haircut", "Anyone", "First free"):
            await mia.taps(choice)
        book = await mia.button("Book 13:00")
        await mia.taps_at(book)
        await mia.taps_at(book, at_once=True)
        await mia.reads("You have used that button already")
        assert len(await house.appointments()) == 1

    play(scenario, channel="whatsapp")
