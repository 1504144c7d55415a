import asyncio
import logging
from datetime import timedelta

import aiohttp
import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import unused_port
from prometheus_client import CollectorRegistry
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.channels.telegram.client import Client
from bot.channels.telegram.metrics import CallMetrics
from bot.channels.telegram.refusals import Flooded, Refused
from bot.channels.telegram.settings import TelegramSettings
from bot.errors import CallStaff, FrontdeskError, OutcomeUnknown, TryAgain, Unreachable, Unsendable
from tests.bot.channels.telegram.scripted import (
    TOKEN,
    Answer,
    answer_with,
    cut_off,
    end_in_the_middle,
    never_answer,
    run_scripted,
)

SENT = {"message_id": 5, "date": 1, "chat": {"id": 1, "type": "private"}, "text": "Hello"}
OK = orjson.dumps({"ok": True, "result": SENT}).decode()
BLOCKED = '{"ok": false, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}'
SECRETS = ("secret-part", "very private", "+4915112345678")


async def fail(answer: Answer, *, by_library: bool = False, limit: timedelta = timedelta(seconds=8)) -> FrontdeskError:
    async with run_scripted(answer, limit=limit) as scripted:
        if by_library:
            with pytest.raises(Refused) as refused:
                await scripted.client.bot.send_message(1, "very private +4915112345678")
            return refused.value.error
        with pytest.raises(FrontdeskError) as caught:
            await scripted.client.call("sendMessage", {"chat_id": 1, "text": "very private +4915112345678"})
        return caught.value


def test_the_lean_path_sends_json_and_returns_the_result() -> None:
    async def scenario() -> None:
        async with run_scripted(answer_with(200, OK)) as scripted:
            assert await scripted.client.call("sendMessage", {"chat_id": 1, "text": "Hello"}) == SENT
            assert (scripted.kinds, orjson.loads(scripted.bodies[0])) == (["application/json"], {"chat_id": 1, "text": "Hello"})

    asyncio.run(scenario())


@pytest.mark.parametrize("odd", [{"chat_id": 2**64}, {"chat_id": 1, "text": "\ud800"}])
def test_what_json_cannot_carry_is_dropped_like_any_other_message_that_cannot_be_sent(odd: dict[str, object]) -> None:
    async def scenario() -> None:
        async with run_scripted(answer_with(200, OK)) as scripted:
            with pytest.raises(Unsendable):
                await scripted.client.call("sendMessage", odd)
            assert scripted.bodies == []

    asyncio.run(scenario())


def test_the_typed_client_sends_forms_and_returns_objects() -> None:
    async def scenario() -> None:
        async with run_scripted(answer_with(200, OK)) as scripted:
            button = InlineKeyboardButton("Book", callback_data="x")
            sent = await scripted.client.bot.send_message(1, "Hello", reply_markup=InlineKeyboardMarkup([[button]]))
            assert (sent.message_id, scripted.kinds) == (5, ["application/x-www-form-urlencoded"])
            assert b"text=Hello" in scripted.bodies[0]

    asyncio.run(scenario())


def test_the_typed_client_uploads_files() -> None:
    async def scenario() -> None:
        async with run_scripted(answer_with(200, OK)) as scripted:
            await scripted.client.bot.send_document(1, b"BEGIN:VCALENDAR", filename="visit.ics")
            assert scripted.kinds == ["multipart/form-data"]
            assert b'filename="visit.ics"' in scripted.bodies[0]
            assert b"text/calendar" in scripted.bodies[0]

    asyncio.run(scenario())


@pytest.mark.parametrize("by_library", [False, True], ids=["lean", "typed"])
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (cut_off, OutcomeUnknown),
        (end_in_the_middle, OutcomeUnknown),
        (answer_with(502, "<html>very private</html>"), OutcomeUnknown),
        (answer_with(500, '{"ok": false, "error_code": 500, "description": "Internal Server Error"}'), OutcomeUnknown),
        (answer_with(200, "<html>very private</html>"), OutcomeUnknown),
        (answer_with(200, '["very private"]'), OutcomeUnknown),
        (answer_with(200, '{"ok": true}'), OutcomeUnknown),
        (answer_with(403, BLOCKED), Unreachable),
        (answer_with(401, '{"ok": false, "error_code": 401, "description": "Unauthorized"}'), CallStaff),
        (answer_with(302, "", Location="http://elsewhere.example/"), CallStaff),
        (answer_with(429, "{}", **{"Retry-After": "7"}), Flooded),
    ],
)
def test_every_failure_becomes_the_error_that_says_what_to_do(
    answer: Answer, kind: type[FrontdeskError], by_library: bool
) -> None:
    error = asyncio.run(fail(answer, by_library=by_library))
    assert type(error) is kind
    assert not any(secret in str(error) for secret in SECRETS)


@pytest.mark.parametrize("by_library", [False, True], ids=["lean", "typed"])
def test_no_answer_in_time_leaves_the_outcome_unknown(by_library: bool) -> None:
    error = asyncio.run(fail(never_answer, by_library=by_library, limit=timedelta(seconds=0.2)))
    assert type(error) is OutcomeUnknown


@pytest.mark.parametrize("by_library", [False, True], ids=["lean", "typed"])
@pytest.mark.parametrize(
    ("address", "kind"), [(f"http://127.0.0.1:{unused_port()}", TryAgain), ("nowhere", CallStaff)], ids=["closed", "nowhere"]
)
def test_what_never_left_us_was_certainly_not_applied(address: str, kind: type[FrontdeskError], by_library: bool) -> None:
    async def scenario() -> None:
        async with aiohttp.ClientSession() as session:
            client = Client(TelegramSettings("harbour", TOKEN, api_url=address), session)
            with pytest.raises((FrontdeskError, Refused)) as caught:
                await (client.bot.send_message(1, "hi") if by_library else client.call("sendMessage", {}))
            error = caught.value.error if isinstance(caught.value, Refused) else caught.value
            assert type(error) is kind
            assert "secret-part" not in str(error)

    asyncio.run(scenario())


def test_a_call_that_found_no_free_connection_was_certainly_not_made() -> None:
    async def scenario() -> None:
        limit = timedelta(seconds=0.4)
        async with run_scripted(never_answer, limit=limit) as scripted, aiohttp.ClientSession(connector=narrow()) as session:
            client = Client(scripted.settings, session)
            calls = [asyncio.create_task(client.call("sendMessage", {})) for _ in range(2)]
            await asyncio.wait(calls)
            errors = [call.exception() for call in calls]
            assert {type(error) for error in errors} == {OutcomeUnknown, TryAgain}
            assert not any("secret-part" in str(error) for error in errors)

    def narrow() -> aiohttp.TCPConnector:
        return aiohttp.TCPConnector(limit=1)

    asyncio.run(scenario())


def test_a_long_poll_may_take_longer_than_a_call() -> None:
    async def scenario() -> None:
        has_failed = asyncio.Event()

        async def answer_late(request: web.Request) -> web.StreamResponse:
            await has_failed.wait()
            return await answer_with(200, '{"ok": true, "result": []}')(request)

        async with run_scripted(answer_late, limit=timedelta(seconds=0.4)) as scripted:
            patient = asyncio.create_task(scripted.client.call("getUpdates", {}, patience=timedelta(seconds=20)))
            with pytest.raises(OutcomeUnknown):
                await scripted.client.call("getUpdates", {})
            has_failed.set()
            assert await patient == []

    asyncio.run(scenario())


@pytest.mark.parametrize("answer", [answer_with(200, "very private"), answer_with(403, BLOCKED), answer_with(200, OK)])
def test_no_log_shows_token_or_text(answer: Answer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    async def scenario() -> None:
        async with run_scripted(answer) as scripted:
            for call in (
                scripted.client.bot.send_message(1, "very private"),
                scripted.client.call("sendMessage", {"text": "very private"}),
            ):
                try:
                    await call
                except (FrontdeskError, Refused):
                    continue

    asyncio.run(scenario())
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name != "aiohttp.access")  # the server's own
    assert not any(secret in logged for secret in SECRETS)
    assert "secret-part" not in repr(TelegramSettings("harbour", TOKEN, webhook_secrets=("very private",)))


def test_calls_are_counted_by_outcome() -> None:
    registry = CollectorRegistry()

    async def scenario() -> None:
        metrics = CallMetrics(registry)
        async with run_scripted(answer_with(200, OK), metrics=metrics) as scripted:
            await scripted.client.call("sendMessage", {})
            await scripted.client.bot.send_message(1, "Hello")
        async with run_scripted(answer_with(403, BLOCKED), metrics=metrics) as scripted:
            with pytest.raises(Unreachable):
                await scripted.client.call("sendMessage", {})

    asyncio.run(scenario())
    sample = {"business": "harbour", "method": "sendMessage"}
    assert registry.get_sample_value("frontdesk_telegram_calls_total", {**sample, "outcome": "ok"}) == 2
    assert registry.get_sample_value("frontdesk_telegram_calls_total", {**sample, "outcome": "Unreachable"}) == 1
    assert registry.get_sample_value("frontdesk_telegram_call_seconds_count", sample) == 3
