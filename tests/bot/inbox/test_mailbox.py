"""The scripts against a real Redis: once, in order, by one worker at a time, whole or not at all."""

import asyncio
from datetime import timedelta

import pytest

from bot.errors import Fenced
from bot.inbox.keys import keys_of
from bot.inbox.mailbox import INBOX_CAP, Held, Mailbox, Step, Timer
from tests.bot.inbox.desk import CUSTOMER, play

ID = CUSTOMER.id
SHORT = timedelta(milliseconds=60)


async def claim(mailbox: Mailbox) -> Held:
    held = await mailbox.claim(ID)
    assert held is not None
    return held


async def claim_when_free(mailbox: Mailbox) -> Held:
    while True:
        held = await mailbox.claim(ID)
        if held is not None:
            return held
        await asyncio.sleep(0.005)


def test_an_event_delivered_four_times_is_taken_once() -> None:
    async def scenario(mailbox: Mailbox) -> None:
        answers = await asyncio.gather(*(mailbox.enqueue(CUSTOMER, "77", b"e") for _ in range(4)))
        assert sorted(answers) == ["DUP", "DUP", "DUP", "NEW"]
        assert (await claim(mailbox)).events == [b"e"]

    play(scenario)


def test_the_same_update_number_in_another_chat_is_another_event() -> None:
    async def scenario(mailbox: Mailbox) -> None:
        assert await mailbox.enqueue(CUSTOMER, "77", b"e") == "NEW"
        assert await mailbox.enqueue(CUSTOMER._replace(chat="5002"), "77", b"e") == "NEW"

    play(scenario)


def test_an_event_stays_taken_after_it_was_worked_off() -> None:
    async def scenario(mailbox: Mailbox) -> None:
        await mailbox.enqueue(CUSTOMER, "77", b"e")
        assert not await mailbox.commit(await claim(mailbox), Step(eaten=1, session=b"s"))
        assert await mailbox.enqueue(CUSTOMER, "77", b"e") == "DUP"
        assert await mailbox.claim(ID) is None

    play(scenario)


def test_a_full_inbox_refuses_and_keeps_what_it_has() -> None:
    async def scenario(mailbox: Mailbox) -> None:
        for number in range(INBOX_CAP):
            assert await mailbox.enqueue(CUSTOMER, str(number), b"e") == "NEW"
        assert await mailbox.enqueue(CUSTOMER, "one more", b"e") == "FULL"
        held = await claim(mailbox)
        await mailbox.commit(held, Step(eaten=1))
        assert await mailbox.enqueue(CUSTOMER, "one more", b"e") == "NEW"

    play(scenario)


def test_events_come_in_order_of_arrival() -> None:
    async def scenario(mailbox: Mailbox) -> None:
        for number in range(40):
            await mailbox.enqueue(CUSTOMER, str(number), str(number).encode())
        held, seen = await claim(mailbox), []
        is_held = True
        while is_held:
            seen.append(int(held.events[0]))
            is_held = await mailbox.commit(held, Step(eaten=1))
        assert seen == list(range(40))

    play(scenario)


def test_only_one_of_many_workers_gets_the_conversation() -> None:
    async def scenario(mailbox: Mailbox) -> None:
        await mailbox.enqueue(CUSTOMER, "1", b"e")
        claims = await asyncio.gather(*(mailbox.claim(ID) for _ in range(20)))
        assert len([held for held in claims if held]) == 1

    play(scenario)


def test_a_commit_hands_over_what_came_meanwhile_instead_of_letting_go() -> None:
    async def scenario(mailbox: Mailbox) -> None:
        await mailbox.enqueue(CUSTOMER, "1", b"first")
        held = await claim(mailbox)
        await mailbox.enqueue(CUSTOMER, "2", b"second")
        assert await mailbox.commit(held, Step(eaten=1))
        assert held.events == [b"second"]

    play(scenario)


def test_session_messages_timers_and_acknowledgement_are_one_step() -> None:
    async def scenario(mailbox: Mailbox) -> None:
        await mailbox.enqueue(CUSTOMER, "1", b"e")
        held = await claim(mailbox)
        timer = Timer("t1", 1, b"later")
        assert await mailbox.commit(held, Step(eaten=1, session=b"s", intent=b"i", messages=[b"a", b"b"], timers=[timer]))
        assert (held.version, [(m.sequence, m.body) for m in held.messages], held.events) == (1, [(1, b"a"), (2, b"b")], [])
        partition = keys_of(ID).partition
        assert (await mailbox.sweep(partition)).timers == [("t1", 1, ID, b"later")]

    play(scenario)


def test_a_due_timer_becomes_one_event_however_often_it_is_swept() -> None:
    async def scenario(mailbox: Mailbox) -> None:
        await mailbox.enqueue(CUSTOMER, "1", b"e")
        await mailbox.commit(await claim(mailbox), Step(eaten=1, timers=[Timer("t1", 1, b"later")]))
        partition = keys_of(ID).partition
        first, second = await mailbox.sweep(partition), await mailbox.sweep(partition)
        for swept in (first, second):
            for timer, due, to, event in swept.timers:
                await mailbox.fire(partition, timer, due, to=to, event=event)
        assert (await claim(mailbox)).events == [b"later"]
        assert (await mailbox.sweep(partition)).timers == []

    play(scenario)


def test_a_cancelled_timer_never_comes() -> None:
    async def scenario(mailbox: Mailbox) -> None:
        await mailbox.enqueue(CUSTOMER, "1", b"e")
        await mailbox.enqueue(CUSTOMER, "2", b"e")
        held = await claim(mailbox)
        await mailbox.commit(held, Step(eaten=1, timers=[Timer("t1", 1, b"later")]))
        await mailbox.commit(held, Step(eaten=1, cancelled=["t1"]))
        assert (await mailbox.sweep(keys_of(ID).partition)).timers == []

    play(scenario)


def test_a_worker_whose_lease_ran_out_is_fenced_from_everything() -> None:
    async def scenario(mailbox: Mailbox) -> None:
        await mailbox.enqueue(CUSTOMER, "1", b"e")
        late = await claim(mailbox)
        await asyncio.to_thread(lambda: None)
        current = await claim_when_free(mailbox)
        assert current.fence > late.fence
        with pytest.raises(Fenced):
            await mailbox.commit(late, Step(eaten=1, session=b"late"))
        with pytest.raises(Fenced):
            await mailbox.renew(late)
        with pytest.raises(Fenced):
            await mailbox.release(late)
        await mailbox.commit(current, Step(eaten=1, session=b"current", messages=[b"m"]))
        with pytest.raises(Fenced):
            await mailbox.confirm_sent(late, current.messages[0], releases=True)
        assert current.session == b"current"

    play(scenario, lease=SHORT)


def test_what_a_dead_worker_held_comes_due_by_itself() -> None:
    async def scenario(mailbox: Mailbox) -> None:
        await mailbox.enqueue(CUSTOMER, "1", b"e")
        await claim(mailbox)
        found: list[str] = []
        while not found:
            found = (await mailbox.sweep(keys_of(ID).partition)).conversations
            await asyncio.sleep(0.005)
        assert found == [ID]
        assert (await claim_when_free(mailbox)).events == [b"e"]

    play(scenario, lease=SHORT)


def test_a_dead_worker_leaves_its_messages_to_the_next() -> None:
    async def scenario(mailbox: Mailbox) -> None:
        await mailbox.enqueue(CUSTOMER, "1", b"e")
        await mailbox.commit(await claim(mailbox), Step(eaten=1, session=b"s", intent=b"i", messages=[b"m"]))
        following = await claim_when_free(mailbox)
        assert [message.body for message in following.messages] == [b"m"]
        assert (following.session, following.intent, following.events) == (b"s", b"i", [])

    play(scenario, lease=SHORT)


def test_a_commit_against_an_older_version_is_refused() -> None:
    async def scenario(mailbox: Mailbox) -> None:
        await mailbox.enqueue(CUSTOMER, "1", b"e")
        held = await claim(mailbox)
        await mailbox.commit(held, Step(session=b"one", releases=False))
        held.version -= 1
        with pytest.raises(Fenced):
            await mailbox.commit(held, Step(session=b"two"))

    play(scenario)


def test_messages_leave_in_order_and_the_last_lets_go() -> None:
    async def scenario(mailbox: Mailbox) -> None:
        await mailbox.enqueue(CUSTOMER, "1", b"e")
        held = await claim(mailbox)
        await mailbox.commit(held, Step(eaten=1, messages=[b"a", b"b"]))
        assert await mailbox.confirm_sent(held, held.messages[0], prompt="900", releases=False)
        assert not await mailbox.confirm_sent(held, held.messages[0], prompt="901", releases=True)
        assert await mailbox.claim(ID) is None
        await mailbox.enqueue(CUSTOMER, "2", b"e")
        assert (await claim(mailbox)).prompt == "901"

    play(scenario)


def test_letting_go_after_the_last_message_is_refused_while_an_event_waits() -> None:
    async def scenario(mailbox: Mailbox) -> None:
        await mailbox.enqueue(CUSTOMER, "1", b"e")
        held = await claim(mailbox)
        await mailbox.commit(held, Step(eaten=1, messages=[b"a"]))
        await mailbox.enqueue(CUSTOMER, "2", b"second")
        assert await mailbox.confirm_sent(held, held.messages[0], releases=True)
        assert held.events == [b"second"]

    play(scenario)


def test_a_chat_is_written_to_at_its_pace_after_the_burst() -> None:
    async def scenario(mailbox: Mailbox) -> None:
        await mailbox.enqueue(CUSTOMER, "1", b"e")
        held = await claim(mailbox)
        step = Step(eaten=1, messages=[b"a", b"b", b"c", b"d"], releases=False)
        await mailbox.commit(held, step, interval=timedelta(seconds=60), burst=3)
        waits = [held.wait]
        for _ in range(3):
            await mailbox.confirm_sent(held, held.messages[0], releases=False, interval=timedelta(seconds=60), burst=3)
            waits.append(held.wait)
        assert waits[:3] == [timedelta(0)] * 3
        assert timedelta(seconds=59) < waits[3] <= timedelta(seconds=60)

    play(scenario)


def test_a_chat_told_to_wait_is_not_offered_before() -> None:
    async def scenario(mailbox: Mailbox) -> None:
        await mailbox.enqueue(CUSTOMER, "1", b"e")
        held = await claim(mailbox)
        await mailbox.commit(held, Step(eaten=1, messages=[b"a"]))
        await mailbox.release(held, delay=timedelta(milliseconds=80), holds_sending=True)
        assert await mailbox.claim(ID) is None
        assert [message.body for message in (await claim_when_free(mailbox)).messages] == [b"a"]

    play(scenario)


def test_an_intent_to_be_looked_at_later_does_not_hold_up_the_customer() -> None:
    async def scenario(mailbox: Mailbox) -> None:
        await mailbox.enqueue(CUSTOMER, "1", b"e")
        held = await claim(mailbox)
        assert not await mailbox.commit(held, Step(eaten=1, intent=b"i", look_after=timedelta(minutes=1)))
        assert await mailbox.claim(ID) is None
        await mailbox.enqueue(CUSTOMER, "2", b"e")
        again = await claim(mailbox)
        assert (again.intent, again.is_intent_due, again.events) == (b"i", False, [b"e"])

    play(scenario)


def test_an_intent_comes_due_on_time() -> None:
    async def scenario(mailbox: Mailbox) -> None:
        await mailbox.enqueue(CUSTOMER, "1", b"e")
        await mailbox.commit(await claim(mailbox), Step(eaten=1, intent=b"i", look_after=timedelta(milliseconds=30)))
        assert (await claim_when_free(mailbox)).is_intent_due

    play(scenario)


def test_claims_without_a_commit_are_counted() -> None:
    async def scenario(mailbox: Mailbox) -> None:
        await mailbox.enqueue(CUSTOMER, "1", b"e")
        for tries in (1, 2, 3):
            held = await claim(mailbox)
            assert held.tries == tries
            await mailbox.release(held, has_failed=True)
        held = await claim(mailbox)
        await mailbox.commit(held, Step(session=b"s"))
        await mailbox.release(held, has_failed=True)
        assert (await claim(mailbox)).tries == 1

    play(scenario)


def test_a_dead_owner_is_counted_apart_from_failed_tries() -> None:
    async def scenario(mailbox: Mailbox) -> None:
        await mailbox.enqueue(CUSTOMER, "1", b"e")
        await mailbox.release(await claim(mailbox), has_failed=True)
        for deaths in range(4):  # of each owner nothing more is heard
            held = await claim_when_free(mailbox)
            assert (held.tries, held.deaths) == (2, deaths)
        held = await claim_when_free(mailbox)
        await mailbox.commit(held, Step(session=b"s", releases=False))
        await mailbox.release(held, has_failed=True)
        held = await claim_when_free(mailbox)
        assert (held.tries, held.deaths) == (1, 0)

    play(scenario, lease=SHORT)


def test_letting_go_on_purpose_is_no_failed_try() -> None:
    async def scenario(mailbox: Mailbox) -> None:
        await mailbox.enqueue(CUSTOMER, "1", b"e")
        for _ in range(10):
            held = await claim(mailbox)
            assert held.tries == 1
            await mailbox.release(held, holds_sending=True)

    play(scenario)
