import asyncio
from datetime import timedelta

import pytest
from aiohttp import web

from bot.sandbox.telegram.delivery import SECRET_HEADER
from tests.bot.sandbox.telegram.stage import SECRET, Stage, play, until


async def until_failed(stage: Stage, count: int) -> None:
    await until(lambda: stage.failures == count)


async def expect_no_more(stage: Stage, count: int) -> None:
    """Whoever waits for the clock has looked at it, twice, and nothing came."""
    looks = stage.clock.looks
    await until(lambda: stage.clock.looks >= looks + 2)
    assert len(stage.hook.ids) == count


def test_an_update_carries_the_secret_and_one_item() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.hook_up()
        answer = await stage.act("say?wait=answered", text="hello")
        headers, update = stage.hook.arrivals[0]
        assert headers[SECRET_HEADER] == SECRET
        assert headers["Content-Type"] == "application/json"
        assert list(update) == ["update_id", "message"]
        assert answer == {"update_id": update["update_id"], "answered": True}
        assert stage.pending == []

    play(scenario)


@pytest.mark.parametrize(("switch", "secret"), [("wrong_secret", "wrong"), ("no_secret", None)])
def test_the_secret_can_be_wrong_or_missing(switch: str, secret: str | None) -> None:
    async def scenario(stage: Stage) -> None:
        setattr(stage.emulator.delivery, switch, True)
        await stage.hook_up()
        await stage.act("say", text="hello")
        await stage.hook.wait_for(1)
        assert stage.hook.arrivals[0][0].get(SECRET_HEADER) == secret

    play(scenario)


def test_messages_of_one_chat_wait_for_each_other_and_other_queues_do_not() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.hook_up()
        stage.emulator.delivery.paused = True
        first = (await stage.act("say", text="one"))["update_id"]
        second = (await stage.act("say", text="two"))["update_id"]
        stage.hook.gates[first] = asyncio.Event()
        stage.emulator.delivery.paused = False
        await stage.hook.wait_for(1)
        tap = (await stage.act("tap", message_id=1, data="x"))["update_id"]
        other = (await stage.act("say", person=stage.carlos, text="hi"))["update_id"]
        await stage.hook.wait_for(3)
        assert stage.hook.ids[0] == first
        assert set(stage.hook.ids[1:]) == {tap, other}
        stage.hook.gates[first].set()
        await stage.hook.wait_for(4)
        assert stage.hook.ids[3] == second

    play(scenario)


def test_taps_of_one_person_wait_for_each_other_across_chats() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.greet()
        await stage.hook_up()
        await stage.hook.wait_for(1)
        first = (await stage.act("tap", message_id=1, data="a"))["update_id"]
        stage.hook.gates[first] = asyncio.Event()
        second = (await stage.act("tap", chat=-1001001, message_id=5, data="b"))["update_id"]
        other = (await stage.act("tap", chat=-1001001, person=stage.carlos, message_id=5, data="c"))["update_id"]
        await stage.hook.wait_for(3)
        assert stage.hook.ids[1:] == [first, other] or stage.hook.ids[1:] == [other, first]
        stage.hook.gates[first].set()
        await stage.hook.wait_for(4)
        assert stage.hook.ids[3] == second

    play(scenario)


def test_connections_are_limited() -> None:
    async def scenario(stage: Stage) -> None:
        stage.emulator.delivery.paused = True
        await stage.hook_up(max_connections=1)
        for person in (stage.mia, stage.carlos):
            stage.hook.gates[(await stage.act("say", person=person, text="hi"))["update_id"]] = asyncio.Event()
        stage.emulator.delivery.change({"paused": False, "delay_seconds": 60})
        await stage.hook.wait_for(1)
        (sleeper,) = list(stage.emulator.platform.people)[2:3]
        await stage.act("say", person=sleeper, text="keeps looking at the clock")
        await expect_no_more(stage, 1)
        stage.hook.gates[stage.hook.ids[0]].set()
        await stage.hook.wait_for(2)
        stage.hook.gates[stage.hook.ids[1]].set()

    play(scenario)


def test_a_refused_update_comes_again_at_once_then_after_two_four_eight_seconds() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.hook_up()
        stage.hook.refusals["one"] = (5, {})
        update = (await stage.act("say", text="one"))["update_id"]
        for count, seconds in ((2, 2), (3, 4), (4, 8)):
            await until_failed(stage, count)
            stage.clock.advance(timedelta(seconds=seconds - 0.1))
            await expect_no_more(stage, count)
            stage.clock.advance(timedelta(seconds=0.1))
        await until(lambda: stage.failures == 5)
        assert stage.hook.ids == [update] * 5

    play(scenario)


def test_the_wait_never_grows_beyond_two_minutes() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.hook_up()
        stage.hook.refusals["one"] = (99, {})
        await stage.act("say", text="one")
        for count in range(2, 14):
            await until_failed(stage, count)
            stage.clock.advance(timedelta(seconds=120))

    play(scenario)


@pytest.mark.parametrize(("wished", "kept"), [(30, 30), (3600, 3600), (9000, 3600)])
def test_retry_after_is_honoured_up_to_an_hour(wished: int, kept: int) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.hook_up()
        stage.hook.refusals["one"] = (1, {"Retry-After": str(wished)})
        await stage.act("say", text="one")
        await until(lambda: stage.failures)
        stage.clock.advance(timedelta(seconds=kept - 1))
        await expect_no_more(stage, 1)
        stage.clock.advance(timedelta(seconds=1))
        await stage.hook.wait_for(2)

    play(scenario)


def test_a_poison_update_holds_up_its_chat_until_it_expires() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.hook_up()
        stage.hook.refusals["poison"] = (99, {})
        poison = (await stage.act("say", text="poison"))["update_id"]
        await until(lambda: stage.failures == 2)
        stage.clock.advance(timedelta(hours=23))
        after = (await stage.act("say", text="after"))["update_id"]
        await until(lambda: stage.failures == 3)
        assert set(stage.hook.ids) == {poison}
        stage.clock.advance(timedelta(hours=1))
        await until(lambda: after in stage.hook.ids)
        await until(lambda: not stage.pending)

    play(scenario)


def test_a_tap_that_was_not_taken_for_150_seconds_is_gone() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.hook_up()
        stage.emulator.delivery.paused = True
        await stage.greet()
        await stage.act("tap", message_id=1, data="late")
        stage.clock.advance(timedelta(seconds=149))
        await stage.act("tap", message_id=1, data="in time")
        stage.clock.advance(timedelta(seconds=1))
        await until(lambda: len(stage.pending) == 2)
        stage.emulator.delivery.paused = False
        updates = await stage.hook.wait_for(2)
        assert {update["callback_query"]["data"] for update in updates if "callback_query" in update} == {"in time"}

    play(scenario)


def test_waiting_for_an_update_that_expires_ends_unanswered() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.hook_up()
        stage.emulator.delivery.paused = True
        tap = asyncio.create_task(stage.act("tap?wait=answered", message_id=1, data="x"))
        await until(lambda: stage.pending)
        stage.clock.advance(timedelta(seconds=150))
        assert (await tap)["answered"] is False

    play(scenario)


@pytest.mark.parametrize("is_concurrent", [False, True])
def test_duplicates_carry_the_same_number(is_concurrent: bool) -> None:
    async def scenario(stage: Stage) -> None:
        stage.emulator.delivery.change({"duplicates": 3, "concurrent_duplicates": is_concurrent})
        await stage.hook_up()
        update = (await stage.act("say?wait=answered", text="one"))["update_id"]
        assert stage.hook.ids == [update] * 4

    play(scenario)


def test_concurrent_duplicates_do_not_wait_for_each_other() -> None:
    async def scenario(stage: Stage) -> None:
        stage.emulator.delivery.change({"duplicates": 1, "concurrent_duplicates": True, "paused": True})
        await stage.hook_up()
        update = (await stage.act("say", text="one"))["update_id"]
        stage.hook.gates[update] = asyncio.Event()
        stage.emulator.delivery.paused = False
        await stage.hook.wait_for(2)
        stage.hook.gates[update].set()

    play(scenario)


def test_a_share_of_the_updates_comes_more_than_once() -> None:
    async def scenario(stage: Stage) -> None:
        stage.emulator.delivery.change({"duplicates": 3, "duplicate_share": 0.3})
        await stage.hook_up()
        updates = [(await stage.act("say?wait=answered", text="one"))["update_id"] for _ in range(40)]
        counts = {stage.hook.ids.count(update) for update in updates}
        assert counts == {1, 4}

    play(scenario)


def test_a_message_outside_the_share_waits_for_no_tap() -> None:
    async def scenario(stage: Stage) -> None:
        stage.emulator.delivery.change({"swap_callbacks": True, "swap_hold_seconds": 1000, "swap_share": 0})
        await stage.hook_up()
        message = (await stage.act("say?wait=answered", text="one"))["update_id"]
        assert stage.hook.ids == [message]

    play(scenario)


def test_a_tap_overtakes_the_message_before_it() -> None:
    async def scenario(stage: Stage) -> None:
        stage.emulator.delivery.swap_callbacks = True
        await stage.hook_up()
        message = (await stage.act("say", text="one"))["update_id"]
        tap = (await stage.act("tap", message_id=1, data="x"))["update_id"]
        await stage.hook.wait_for(2)
        assert stage.hook.ids == [tap, message]

    play(scenario)


def test_a_message_without_a_tap_comes_after_the_hold() -> None:
    async def scenario(stage: Stage) -> None:
        stage.emulator.delivery.change({"swap_callbacks": True, "swap_hold_seconds": 0.05})
        await stage.hook_up()
        assert (await stage.act("say?wait=answered", text="one"))["answered"]

    play(scenario)


def test_a_delay_passes_on_the_sandbox_clock() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.hook_up()
        stage.emulator.delivery.delay_seconds = 60
        update = (await stage.act("say", text="one"))["update_id"]
        stage.emulator.delivery.delay_seconds = 0
        stage.clock.advance(timedelta(seconds=59))
        await expect_no_more(stage, 0)
        stage.clock.advance(timedelta(seconds=1))
        await stage.hook.wait_for(1)
        assert stage.hook.ids == [update]

    play(scenario)


def test_a_slow_webhook_is_given_up_and_tried_again() -> None:
    async def scenario(stage: Stage) -> None:
        stage.emulator.delivery.change({"answer_timeout_seconds": 0.05, "paused": True})
        await stage.hook_up()
        update = (await stage.act("say", text="one"))["update_id"]
        stage.hook.gates[update] = asyncio.Event()
        stage.emulator.delivery.paused = False
        await stage.hook.wait_for(2)
        assert (await stage.do("getWebhookInfo"))["last_error_message"] == "Read timeout expired"
        stage.hook.gates[update].set()

    play(scenario)


def test_an_unreachable_webhook_is_an_error_and_not_a_loss() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.do("setWebhook", url="http://127.0.0.1:9/hook")
        update = (await stage.act("say", text="one"))["update_id"]
        await until(lambda: stage.failures)
        assert (await stage.do("getWebhookInfo"))["last_error_message"] == "Connection refused"
        stage.clock.advance(timedelta(seconds=1))
        await stage.hook_up()
        await stage.hook.wait_for(1)
        assert stage.hook.ids == [update]

    play(scenario)


def test_a_call_in_the_answer_is_run() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.hook_up()
        stage.hook.answers.append(web.json_response({"method": "sendMessage", "chat_id": stage.mia, "text": "echo"}))
        stage.hook.answers.append(web.json_response({"method": "deleteWebhook"}))
        stage.hook.answers.append(web.Response(body=b"{ not json"))
        for _ in range(3):
            await stage.act("say?wait=answered", text="one")
        texts = [message["text"] for message in (await stage.read(stage.mia))["messages"]]
        assert texts == ["one", "echo", "one", "one"]
        assert (await stage.do("getWebhookInfo"))["url"] == stage.hook_url

    play(scenario)


def test_numbers_grow_and_jump_after_an_idle_week() -> None:
    async def scenario(stage: Stage) -> None:
        first = (await stage.act("say", text="one"))["update_id"]
        stage.clock.advance(timedelta(days=7, seconds=-1))
        second = (await stage.act("say", text="two"))["update_id"]
        assert second == first + 1
        stage.clock.advance(timedelta(days=7))
        third = (await stage.act("say", text="three"))["update_id"]
        assert third < first
        assert (await stage.act("say", text="four"))["update_id"] == third + 1

    play(scenario)
