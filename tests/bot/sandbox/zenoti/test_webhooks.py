"""Signed deliveries, repeats, and the switch-off after too many failures (§14)."""

import hashlib
import hmac
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.sandbox.zenoti.webhooks import FAILURES_UNTIL_OFF, TRIES
from tests.bot.sandbox.zenoti.salon import BANDRA, EMPTY_DAY, Salon, play, wait_until

SECRET = "hush"


@dataclass
class Receiver:
    """Keeps what arrives; answers with `status`."""

    status: int = 200
    bodies: list[bytes] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        self.signatures.append(request.headers.get("zenoti-webhook-signature", ""))
        return web.Response(status=self.status)

    @property
    def events(self) -> list[Any]:
        return [json.loads(body) for body in self.bodies]

    async def wait_for(self, number: int) -> None:
        async def is_there() -> bool:
            return len(self.bodies) >= number

        await wait_until(is_there)


@asynccontextmanager
async def opened_receiver(salon: Salon) -> AsyncIterator[Receiver]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/hook", receiver.take)
    async with TestServer(app) as server:
        await salon.turn(webhook_url=str(server.make_url("/hook")), webhook_secret=SECRET, webhook_backoff_seconds=0)
        yield receiver


def test_nothing_is_sent_without_a_url() -> None:
    async def scenario(salon: Salon) -> None:
        await salon.book(await salon.add_guest())
        assert (await salon.control("GET", "/webhooks")).body == {"is_off": False, "log": []}

    play(scenario)


def test_a_booking_is_announced_in_utc_and_in_center_time() -> None:
    async def scenario(salon: Salon) -> None:
        async with opened_receiver(salon) as receiver:
            guest = await salon.add_guest("9820012345", center=BANDRA)
            invoice = await salon.book(guest, "15:00", center=BANDRA, day="2035-04-04")
            await receiver.wait_for(1)
            (event,) = receiver.events
            assert event["event_type"] == "AppointmentGroup.Created"
            assert re.fullmatch(r"2035-03-05T06:30:\d\d\.\d{6}Z", event["event_timestamp"])
            (row,) = event["data"]["appointments"]
            assert (row["start_time"], row["start_time_in_center"]) == ("2035-04-04T09:30:00", "2035-04-04T15:00:00")
            assert event["data"]["invoice_id"] == invoice["invoice_id"]
            assert "mobile" not in json.dumps(event)

    play(scenario)


def test_the_signature_has_the_form_seen_on_real_traffic() -> None:
    async def scenario(salon: Salon) -> None:
        async with opened_receiver(salon) as receiver:
            await salon.book(await salon.add_guest())
            await receiver.wait_for(1)
            match = re.fullmatch(r"sha256 =((?:[0-9A-F]{2}-){31}[0-9A-F]{2})", receiver.signatures[0])
            assert match is not None
            digest = hmac.new(SECRET.encode(), receiver.bodies[0], hashlib.sha256).hexdigest()
            assert match[1].replace("-", "").lower() == digest

    play(scenario)


def test_moves_and_cancels_are_announced() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        before = await salon.book(guest)
        async with opened_receiver(salon) as receiver:
            item = {"invoice_item_id": before["items"][0]["invoice_item_id"]}
            await salon.book(guest, "16:00", item=item, guest_more={"invoice_id": before["invoice_id"]})
            await receiver.wait_for(1)
            await salon.call("PUT", f"/v1/invoices/{before['invoice_id']}/cancel")
            await receiver.wait_for(2)
            moved, cancelled = receiver.events
            assert moved["event_type"] == "AppointmentGroup.Updated"
            assert moved["data"]["appointments"][0]["start_time_in_center"] == f"{EMPTY_DAY}T16:00:00"
            assert (cancelled["event_type"], cancelled["data"]["appointment_group_status"]) == ("AppointmentGroup.Status", -1)

    play(scenario)


def test_a_refused_delivery_is_tried_five_times_with_one_id() -> None:
    async def scenario(salon: Salon) -> None:
        async with opened_receiver(salon) as receiver:
            receiver.status = 500
            await salon.book(await salon.add_guest())
            await receiver.wait_for(TRIES)

            async def is_logged() -> bool:
                return len((await salon.control("GET", "/webhooks")).body["log"]) == TRIES

            await wait_until(is_logged)
            assert len({event["id"] for event in receiver.events}) == 1

    play(scenario)


def test_twenty_failures_in_a_row_switch_it_off_until_set_again() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        async with opened_receiver(salon) as receiver:
            receiver.status = 500
            for hour in range(10, 10 + FAILURES_UNTIL_OFF // TRIES):
                await salon.book(guest, f"{hour}:00", query={"is_double_booking_enabled": "true"})

            async def is_off() -> bool:
                return bool((await salon.control("GET", "/webhooks")).body["is_off"])

            await wait_until(is_off)
            receiver.status = 200
            sent = len(receiver.bodies)
            await salon.book(guest, "18:00")
            await salon.turn(webhook_url=salon.emulator.switches.webhook_url)
            await salon.book(guest, "16:00")
            await receiver.wait_for(sent + 1)
            assert receiver.events[-1]["data"]["appointments"][0]["start_time_in_center"] == f"{EMPTY_DAY}T16:00:00"

    play(scenario)


def test_the_test_trigger_is_empty_and_unsigned() -> None:
    async def scenario(salon: Salon) -> None:
        async with opened_receiver(salon) as receiver:
            assert (await salon.control("POST", "/webhooks/ping")).body == {"status": 200}
            assert (receiver.bodies, receiver.signatures) == ([b""], [""])

    play(scenario)


def test_a_receiver_that_is_away_disturbs_nobody() -> None:
    async def scenario(salon: Salon) -> None:
        await salon.turn(webhook_url="http://127.0.0.1:9/hook", webhook_backoff_seconds=30)
        guest = await salon.add_guest()
        await salon.book(guest)

        async def is_logged() -> bool:
            return [row["status"] for row in (await salon.control("GET", "/webhooks")).body["log"]] == [0]

        await wait_until(is_logged)
        assert len(await salon.booked(guest)) == 1

    play(scenario)
