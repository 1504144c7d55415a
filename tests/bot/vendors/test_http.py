import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from prometheus_client import CollectorRegistry

from bot.errors import CallStaff, OutcomeUnknown, TryAgain, VendorChanged
from bot.redisclient import connect
from bot.vendors.breaker import FAILURES
from bot.vendors.bucket import TokenBucket
from bot.vendors.http import LARGEST_ANSWER, Answer, Call, VendorHttp, VendorMetrics

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SECRET, PHONE = "key-5ecret", "351912345678"


@dataclass
class Vendor:
    """A scripted vendor: each request is answered by the next handler, the last one goes on for ever."""

    http: VendorHttp
    registry: CollectorRegistry
    seen: list[web.Request] = field(default_factory=list)

    def show(self, name: str) -> float | None:
        """A metric as it stands."""
        return self.registry.get_sample_value(name, {"vendor": "test", "business": ""})

    async def read(self, **more: object) -> Answer:
        call = Call("look", "GET", "/v1/look", SECRET, query=(("phone", PHONE),), reference="FD-1", **more)  # type: ignore[arg-type]
        return await self.http.send(call)

    async def write(self, **more: object) -> Answer:
        call = Call("make", "POST", "/v1/make", SECRET, body={"phone": PHONE}, is_write=True, reference="FD-1", **more)  # type: ignore[arg-type]
        return await self.http.send(call)


def answer(data: object = None, *, status: int = 200, headers: dict[str, str] | None = None) -> Handler:
    async def handle(_: web.Request) -> web.StreamResponse:
        return web.json_response(data, status=status, headers=headers)

    return handle


def say(text: str, *, status: int = 200) -> Handler:
    async def handle(_: web.Request) -> web.StreamResponse:
        return web.Response(text=text, status=status, content_type="application/json")

    return handle


async def cut(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def hang(_: web.Request) -> web.StreamResponse:
    await asyncio.sleep(5)
    return web.Response()


async def pour(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b"[")
    for _ in range(LARGEST_ANSWER // 65_536):
        await response.write(b" " * 65_536)
    await response.write(b"]")
    return response


def redirect_to(place: str) -> Handler:
    async def handle(_: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(place)

    return handle


@asynccontextmanager
async def open_vendor(redis_url: str, *handlers: Handler, limit: timedelta = timedelta(seconds=5)) -> AsyncIterator[Vendor]:
    waiting = list(handlers)

    async def serve(request: web.Request) -> web.StreamResponse:
        vendor.seen.append(request)
        return await (waiting.pop(0) if len(waiting) > 1 else waiting[0])(request)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", serve)
    redis, registry = connect(redis_url), CollectorRegistry()
    async with TestServer(app) as server, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        bucket, metrics = TokenBucket(redis, per_minute=1000), VendorMetrics(registry)
        address = str(server.make_url("/"))
        http = VendorHttp(session, vendor="test", base_url=address, bucket=bucket, metrics=metrics, timeout=limit)
        vendor = Vendor(http, registry)
        yield vendor
    await redis.aclose()


def test_a_read_is_repeated_twice_a_write_never(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_vendor(redis_url, answer({}, status=503)) as vendor:
            with pytest.raises(TryAgain):
                await vendor.read()
            assert len(vendor.seen) == 3
            with pytest.raises(OutcomeUnknown):
                await vendor.write()
            assert len(vendor.seen) == 4

    asyncio.run(scenario())


def test_a_read_gets_over_a_passing_failure(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_vendor(redis_url, cut, say("<html>"), answer({"a": 1})) as vendor:
            assert (await vendor.read()).data == {"a": 1}

    asyncio.run(scenario())


@pytest.mark.parametrize("handler", [cut, hang, pour, say("<html>"), say('{"a": [1, 2'), say("3"), say(""), redirect_to("/x")])
def test_a_write_without_a_usable_answer_is_of_unknown_outcome(redis_url: str, handler: Handler) -> None:
    async def scenario() -> None:
        async with open_vendor(redis_url, handler, limit=timedelta(seconds=0.3)) as vendor:
            with pytest.raises(OutcomeUnknown):
                await vendor.write()
            assert len(vendor.seen) == 1

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        (hang, TryAgain),
        (pour, TryAgain),
        (say("3"), VendorChanged),
        (say("null"), VendorChanged),
        (redirect_to("/x"), VendorChanged),
    ],
)
def test_a_read_without_a_usable_answer_is_named(redis_url: str, handler: Handler, error: type[Exception]) -> None:
    async def scenario() -> None:
        async with open_vendor(redis_url, handler, limit=timedelta(seconds=0.5)) as vendor:
            with pytest.raises(error):
                await vendor.read()

    asyncio.run(scenario())


def test_a_call_ends_within_its_time_whatever_the_vendor_does(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_vendor(redis_url, hang, limit=timedelta(seconds=30)) as vendor:
            with pytest.raises(TryAgain):
                await asyncio.wait_for(vendor.read(timeout=timedelta(seconds=0.1)), 3)

    asyncio.run(scenario())


def test_a_vendor_that_nobody_listens_at_was_sent_nothing(redis_url: str) -> None:
    async def scenario() -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        redis = connect(redis_url)
        async with aiohttp.ClientSession() as session:
            bucket, metrics = TokenBucket(redis, per_minute=1000), VendorMetrics(CollectorRegistry())
            http = VendorHttp(session, vendor="test", base_url=f"http://127.0.0.1:{port}", bucket=bucket, metrics=metrics)
            with pytest.raises(TryAgain):
                await http.send(Call("make", "POST", "/v1/make", SECRET, body={}, is_write=True))
        await redis.aclose()

    asyncio.run(scenario())


def test_a_refused_key_is_one_for_staff(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_vendor(redis_url, answer({"Message": "denied"}, status=401)) as vendor:
            for send in (vendor.read, vendor.write):
                with pytest.raises(CallStaff):
                    await send()
            assert len(vendor.seen) == 2

    asyncio.run(scenario())


def test_a_429_is_not_applied_and_nobody_calls_until_it_is_over(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_vendor(redis_url, answer({}, status=429, headers={"Retry-After": "30"})) as vendor:
            for send in (vendor.write, vendor.read):
                with pytest.raises(TryAgain) as caught:
                    await send()
                assert caught.value.after > timedelta(seconds=25)
            assert len(vendor.seen) == 1

    asyncio.run(scenario())


def test_a_vendor_that_keeps_failing_is_left_alone(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_vendor(redis_url, answer({}, status=500)) as vendor:
            for _ in range(FAILURES + 3):
                with pytest.raises((TryAgain, OutcomeUnknown)):
                    await vendor.write()
            assert len(vendor.seen) == FAILURES

    asyncio.run(scenario())


def test_logs_and_errors_hold_no_data(redis_url: str, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> str:
        async with open_vendor(redis_url, answer({"phone": PHONE}, status=500)) as vendor:
            with pytest.raises(OutcomeUnknown) as caught:
                await vendor.write()
            return str(caught.value)

    with caplog.at_level(logging.DEBUG, "bot"):
        error = asyncio.run(scenario())
    assert error == "test.make [FD-1] status 500"
    assert "test.make" in caplog.text
    for private in (SECRET, PHONE, "/v1/", "127.0.0.1"):
        assert private not in caplog.text + error


def test_calls_are_counted_by_outcome(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_vendor(redis_url, answer({}), answer({}, status=500)) as vendor:
            await vendor.write()
            with pytest.raises(OutcomeUnknown):
                await vendor.write()
            for outcome in ("answered", "OutcomeUnknown"):
                labels = {"vendor": "test", "verb": "make", "outcome": outcome}
                assert vendor.registry.get_sample_value("frontdesk_vendor_calls_total", labels) == 1
            labels = {"vendor": "test", "verb": "make"}
            assert vendor.registry.get_sample_value("frontdesk_vendor_call_seconds_count", labels) == 2

    asyncio.run(scenario())


def test_a_refusal_in_json_reaches_the_adapter_with_its_status(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_vendor(redis_url, answer({"error": {"code": 502}}, status=400)) as vendor:
            assert await vendor.write() == Answer(400, {"error": {"code": 502}})

    asyncio.run(scenario())


def test_metrics_show_the_circuit_and_the_calls_that_are_left(redis_url: str) -> None:
    async def scenario() -> None:
        async with open_vendor(redis_url, answer({}), answer({}, status=503)) as vendor:
            await vendor.read()
            assert vendor.show("frontdesk_vendor_circuit_open") == 0
            assert vendor.show("frontdesk_vendor_calls_left") == 999
            for _ in range(2):  # three calls each: the fifth failure in a row opens it
                with pytest.raises(TryAgain):
                    await vendor.read()
            assert vendor.show("frontdesk_vendor_circuit_open") == 1
            assert vendor.show("frontdesk_vendor_calls_left") == 1000 - len(vendor.seen)

    asyncio.run(scenario())


def test_a_form_is_sent_form_encoded(redis_url: str) -> None:
    said: list[str] = []

    async def read(request: web.Request) -> web.StreamResponse:
        said.append(f"{request.content_type} {await request.text()}")
        return web.json_response({})

    async def scenario() -> None:
        async with open_vendor(redis_url, read) as vendor:
            await vendor.http.send(Call("token", "POST", "/token", SECRET, form={"grant_type": "refresh_token", "code": "a&b"}))
            assert said == ["application/x-www-form-urlencoded grant_type=refresh_token&code=a%26b"]

    asyncio.run(scenario())


def test_a_call_keeps_its_secrets_to_itself() -> None:
    query = (("session_token", SECRET), ("phone", PHONE))
    call = Call("look", "GET", "/v1/look", SECRET, {"Authorization": SECRET}, query, {"phone": PHONE}, {"token": SECRET})
    assert SECRET not in repr(call)
    assert PHONE not in repr(call)
