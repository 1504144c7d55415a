"""The Graph API's side: who may call, who may be written to and how fast, and what its webhooks look like."""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.sandbox.clock import SandboxClock
from bot.sandbox.whatsapp import WhatsappEmulator
from bot.sandbox.whatsapp.courier import SIGNATURE_HEADER
from bot.sandbox.whatsapp.demo import APP_SECRET, NUMBERS

NUMBER = NUMBERS[0]
TEXT = {"type": "text", "text": {"body": "hi"}}


class StillClock(SandboxClock):
    """Moves only when told."""

    def now(self) -> datetime:
        return datetime(2026, 11, 20, 12, 0, tzinfo=UTC) + self._offset


@dataclass
class Stage:
    """The emulator, a webhook that records, and hands for both."""

    emulator: WhatsappEmulator
    clock: StillClock
    client: TestClient[Any, Any]
    hook_url: str
    bodies: list[tuple[bytes, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    """Statuses given first; 200 after that."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, request: web.Request) -> web.Response:
        if request.method == "GET":
            is_ours = request.query["hub.verify_token"] == "ours"
            return web.Response(text=request.query["hub.challenge"]) if is_ours else web.Response(status=403)
        self.bodies.append((await request.read(), request.headers[SIGNATURE_HEADER]))
        self.changed.set()
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    async def arrive(self, count: int) -> list[dict[str, Any]]:
        """So many bodies, read."""
        async with asyncio.timeout(10):
            while len(self.bodies) < count:
                self.changed.clear()
                await self.changed.wait()
        return [json.loads(body) for body, _ in self.bodies]

    async def send(self, to: str = "", *, token: str = NUMBER.token, number: int = NUMBER.id, **more: Any) -> tuple[int, Any]:
        where = {} if "recipient" in more else {"to": to or "+12125550142"}
        body = {"messaging_product": "whatsapp", **where, **TEXT, **more}
        headers = {"Authorization": f"Bearer {token}"}
        async with self.client.post(f"/graph/v25.0/{number}/messages", json=body, headers=headers) as answer:
            content = await answer.json()
            return answer.status, content.get("error", {}).get("code", 0)

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        async with self.client.request(method, f"/control/whatsapp{path}", json=body) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json()

    async def say(self, person: int = 1, text: str = "hello") -> None:
        await self.ask("POST", f"/{NUMBER.id}/chats/{person}/say", {"person": person, "text": text})

    async def hook_up(self, token: str = "ours") -> int:
        wish = {"webhook_configuration": {"override_callback_uri": self.hook_url, "verify_token": token}}
        headers = {"Authorization": f"Bearer {NUMBER.token}"}
        async with self.client.post(f"/graph/v25.0/{NUMBER.id}", json=wish, headers=headers) as answer:
            return answer.status


@asynccontextmanager
async def open_stage() -> AsyncIterator[Stage]:
    clock = StillClock()
    emulator = WhatsappEmulator(clock, lambda _: None)
    root = web.Application()
    root.add_subapp("/graph/v25.0", emulator.app())
    root.add_subapp("/control/whatsapp", emulator.control())
    receiver = web.Application(client_max_size=2**23)
    server = TestServer(receiver)
    async with TestClient(TestServer(root)) as client:
        stage = Stage(emulator, clock, client, "")
        receiver.router.add_route("*", "/hook", stage.take)
        async with server as bot:
            stage.hook_url = str(bot.make_url("/hook"))
            yield stage


def play(scenario: Callable[[Stage], Awaitable[None]]) -> None:
    async def run() -> None:
        async with asyncio.timeout(20), open_stage() as stage:
            await scenario(stage)

    asyncio.run(run())


def test_only_its_own_token_opens_a_number() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.say()
        assert await stage.send(token="") == (401, 190)
        assert await stage.send(token="forged") == (401, 190)
        assert await stage.send(token=NUMBERS[1].token) == (400, 100)
        assert await stage.send(number=7) == (400, 100)
        assert await stage.send() == (200, 0)

    play(scenario)


def test_a_message_needs_a_recipient_and_an_id_belongs_into_its_own_field() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.say(3)
        user = stage.emulator.platform.people[3].user_id
        assert await stage.send(recipient=user) == (200, 0)
        assert await stage.send(recipient="not an id") == (400, 131009)
        assert await stage.send(recipient="") == (400, 100)
        assert await stage.send(messaging_product="sms") == (400, 100)
        await stage.hook_up()
        assert await stage.send(user) == (200, 0)  # an id where a number belongs: accepted, and lost
        [failed] = await stage.arrive(1)
        assert read_status(failed)["errors"][0]["code"] == 131026
        assert "recipient_user_id" not in read_status(failed)

    play(scenario)


def read_status(body: dict[str, Any]) -> dict[str, Any]:
    return dict(body["entry"][0]["changes"][0]["value"]["statuses"][0])


@pytest.mark.parametrize("is_late", [False, True])
def test_nothing_but_templates_leaves_after_24_hours(is_late: bool) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("PUT", "/switches", {"window_is_late": is_late})
        await stage.say()
        await stage.hook_up()
        stage.clock.advance(timedelta(hours=23, minutes=59))
        assert await stage.send() == (200, 0)
        await stage.arrive(2)
        stage.clock.advance(timedelta(minutes=1))
        assert await stage.send() == ((200, 0) if is_late else (400, 131047))
        if is_late:
            assert read_status((await stage.arrive(3))[-1])["errors"][0]["code"] == 131047

    play(scenario)


def test_one_person_gets_45_at_once_and_then_one_in_six_seconds() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.say()
        assert [await stage.send() for _ in range(45)] == [(200, 0)] * 45
        assert await stage.send() == (400, 131056)
        await stage.ask("PUT", "/switches", {"throttle_status": 429})
        assert await stage.send() == (429, 131056)
        stage.clock.advance(timedelta(seconds=6))
        assert await stage.send() == (200, 0)
        assert await stage.send() == (429, 131056)

    play(scenario)


def test_one_number_sends_80_a_second() -> None:
    async def scenario(stage: Stage) -> None:
        for person in (1, 2, 3):
            await stage.say(person)
        people = [stage.emulator.platform.people[person] for person in (1, 2, 3)]
        codes = [(await stage.send(recipient=people[at % 3].user_id))[1] for at in range(82)]
        assert codes.count(130429) == 2
        stage.clock.advance(timedelta(seconds=1))
        assert await stage.send() == (200, 0)

    play(scenario)


def test_a_webhook_is_set_only_where_the_handshake_succeeds() -> None:
    async def scenario(stage: Stage) -> None:
        assert await stage.hook_up("theirs") == 400
        await stage.say()
        assert await stage.hook_up() == 200
        await stage.say()
        assert len(await stage.arrive(1)) == 1

    play(scenario)


def test_webhooks_are_ascii_with_escaped_slashes_and_signed_over_their_bytes() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.hook_up()
        await stage.say(text="стрижка 👍 a/b")
        await stage.arrive(1)
        [(body, signature)] = stage.bodies
        assert body.isascii()
        assert rb"\u0441" in body
        assert rb"a\/b" in body
        assert signature == "sha256=" + hmac.new(APP_SECRET.encode(), body, "sha256").hexdigest()
        await stage.ask("PUT", "/delivery", {"bad_signature": True})
        await stage.say()
        await stage.arrive(2)
        assert stage.bodies[1][1] != stage.emulator.platform.accounts[NUMBER.id].courier.sign(stage.bodies[1][0])

    play(scenario)


def test_a_batch_is_spread_over_entries_and_changes() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.hook_up()
        await stage.ask("PUT", "/delivery", {"batch": 12, "items_per_change": 2, "changes_per_entry": 3, "shuffle": True})
        for _ in range(12):
            await stage.say()
        [body] = await stage.arrive(1)
        assert [len(entry["changes"]) for entry in body["entry"]] == [3, 3]
        found = [row["id"] for entry in body["entry"] for one in entry["changes"] for row in one["value"]["messages"]]
        assert len(set(found)) == 12

    play(scenario)


def test_what_is_not_answered_200_comes_again_and_what_is_may_come_twice() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.hook_up()
        stage.answers += [500, 204]
        await stage.ask("PUT", "/delivery", {"retry_base_seconds": 0, "duplicates": 1})
        await stage.say()
        bodies = await stage.arrive(4)
        assert bodies == [bodies[0]] * 4

    play(scenario)


def test_statuses_carry_our_reference_and_may_skip_a_step() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.ask("PUT", "/delivery", {"skips_delivered": True, "status_contacts": "none"})
        await stage.say()
        await stage.hook_up()
        await stage.send(biz_opaque_callback_data="ref")
        await stage.arrive(1)
        await stage.ask("POST", f"/{NUMBER.id}/chats/1/see", {"person": 1})
        bodies = await stage.arrive(2)
        assert [(read_status(body)["status"], read_status(body)["biz_opaque_callback_data"]) for body in bodies] == [
            ("sent", "ref"),
            ("read", "ref"),
        ]
        assert "contacts" not in bodies[0]["entry"][0]["changes"][0]["value"]

    play(scenario)


def test_a_read_mark_needs_a_message_of_theirs() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.say()
        said = next(iter(stage.emulator.platform.accounts[NUMBER.id].chats[1].messages))
        assert await stage.send(status="read", message_id=said) == (200, 0)
        assert await stage.send(status="read", message_id="wamid.unknown") == (400, 131009)

    play(scenario)


@pytest.mark.parametrize(("kind", "status"), [("refuse", 131056), ("refuse", 190), ("rate_limit", 0)])
def test_a_fault_speaks_graph(kind: str, status: int) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.say()
        await stage.ask("POST", "/faults", {"operation": "messages", "kind": kind, "status": status})
        assert (await stage.send())[1] == (status or 130429)
        assert await stage.send() == (200, 0)

    play(scenario)
