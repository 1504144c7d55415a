import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.bot.sandbox.whautomate.desk import Json, open_desk, place_id


@asynccontextmanager
async def open_receiver(status: int = 200) -> AsyncIterator[tuple[str, "asyncio.Queue[tuple[str, Json]]"]]:
    """An address, and what arrives there: our secret header and the body."""
    came: asyncio.Queue[tuple[str, Json]] = asyncio.Queue()

    async def take(request: web.Request) -> web.Response:
        came.put_nowait((request.headers.get("X-Bot-Secret", ""), await request.json()))
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/hook", take)
    async with TestServer(app) as server:
        yield str(server.make_url("/hook")), came


def wish(url: str = "http://127.0.0.1:9/hook", **changes: Any) -> Json:
    headers = [{"key": "X-Bot-Secret", "value": "s3cret"}]
    events = ["appointment_scheduled", "appointment_cancelled"]
    return {"name": "bot", "active": True, "serverUrl": url, "webhookHeaders": headers, "events": events} | changes


def test_what_rest_keeps_back_comes_by_webhook() -> None:
    async def scenario() -> None:
        async with open_receiver() as (url, came), open_desk() as desk:
            await desk.post("/webhooks", wish(url))
            made = await desk.post("/appointments", desk.wish((await desk.list_times())[0]))
            secret, body = await came.get()
            assert (secret, body["event"]["type"], body["event"]["key"]) == ("s3cret", "appointment_scheduled", made["id"])
            assert (body["appointment"]["notes"], body["appointment"]["client"]["phone"]) == ("[FD-1]", "910000000")
            assert body["appointment"]["startTimeUTC"] == made["startTimeUTC"]
            await desk.post("/appointments/cancel", {"appointmentId": made["id"], "location": {"id": place_id()}})
            _, again = await came.get()
            assert again["event"]["type"] == "appointment_cancelled"
            assert again["event"]["id"] != body["event"]["id"]

    asyncio.run(scenario())


def test_what_the_desk_does_is_told_too() -> None:
    async def scenario() -> None:
        async with open_receiver(500) as (url, came), open_desk() as desk:
            await desk.post("/webhooks", wish(url))
            made = await desk.post("/appointments", desk.wish((await desk.list_times())[0]))
            await came.get()
            await desk.control("DELETE", f"/appointments/{made['id']}")
            _, body = await came.get()
            assert (body["event"]["type"], body["appointment"]["status"]) == ("appointment_cancelled", "Cancelled")
            while len(log := await desk.control("GET", "/webhooks")) < 2:
                pass
            assert [row["status"] for row in log] == [500, 500]

    asyncio.run(scenario())


def test_nobody_is_told_who_did_not_ask() -> None:
    """Those who come before the one who did would have been told first."""

    async def scenario() -> None:
        async with open_receiver() as (url, came), open_desk() as desk:
            silent = [{"key": "X-Bot-Secret", "value": "silent"}]
            await desk.post("/webhooks", wish(url, active=False, webhookHeaders=silent))
            await desk.post("/webhooks", wish(url, events=["client_created"], webhookHeaders=silent))
            await desk.post("/webhooks", wish(url))
            made = await desk.post("/appointments", desk.wish((await desk.list_times())[0]))
            first = await came.get()
            await desk.post("/appointments/cancel", {"appointmentId": made["id"]})
            assert [secret for secret, _ in (first, await came.get())] == ["s3cret", "s3cret"]

    asyncio.run(scenario())


def test_webhooks_are_kept_read_replaced_and_deleted() -> None:
    async def scenario() -> None:
        async with open_desk() as desk:
            made = await desk.post("/webhooks", wish())
            assert await desk.get("/webhooks") == [made]
            assert (await desk.call("GET", "/webhooks", key="demo-clinic"))[1] == []
            status, changed = await desk.call("PUT", f"/webhooks/{made['id']}", wish(active=False))
            assert (status, changed["active"]) == (200, False)
            assert await desk.get(f"/webhooks/{made['id']}") == changed
            assert await desk.call("DELETE", f"/webhooks/{made['id']}") == (200, {})
            assert (await desk.call("GET", f"/webhooks/{made['id']}"))[0] == 404

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "changes",
    [
        {"name": None},
        {"active": "true"},
        {"serverUrl": ""},
        {"events": []},
        {"events": None},
        {"events": [{}]},
        {"events": ["appointment_rescheduled"]},
        {"webhookHeaders": ["X-Bot-Secret"]},
        {"webhookHeaders": [{"name": "X-Bot-Secret"}]},
    ],
)
def test_a_webhook_that_is_not_as_documented_is_refused(changes: Json) -> None:
    async def scenario() -> None:
        async with open_desk() as desk:
            assert await desk.call("POST", "/webhooks", wish(**changes)) == (400, {"message": "Invalid request body"})

    asyncio.run(scenario())


def test_event_names_that_nobody_has_proven_may_be_taken() -> None:
    async def scenario() -> None:
        async with open_desk(webhook_events_strict=False) as desk:
            await desk.post("/webhooks", wish(events=["appointment_rescheduled"]))
            assert (await desk.call("POST", "/webhooks", wish(events=["appointment_eaten"])))[0] == 400

    asyncio.run(scenario())
