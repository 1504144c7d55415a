"""An emulator over real sockets, a bot's webhook, and a clock that stands still."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import orjson
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.sandbox.clock import SandboxClock
from bot.sandbox.telegram import TelegramEmulator
from bot.sandbox.telegram.params import LARGEST_BODY

TOKEN = "1001:harbour-demo-token"
GROUP = -1001001
SECRET = "s3cret"

Scenario = Callable[["Stage"], Awaitable[None]]


class StillClock(SandboxClock):
    """Moves only when told."""

    def __init__(self) -> None:
        super().__init__()
        self._start = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
        self.looks = 0

    def now(self) -> datetime:
        self.looks += 1
        return self._start + self._offset


class Hook:
    """The bot's side of a webhook: records, and answers as told."""

    def __init__(self) -> None:
        self.arrivals: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.answers: deque[web.Response] = deque()
        """Given in this order; after that 200."""
        self.refusals: dict[str, tuple[int, dict[str, str]]] = {}
        """Message text to how often it is still answered with 500, and with which headers."""
        self.gates: dict[int, asyncio.Event] = {}
        """By update_id: do not answer before this is set."""
        self._changed = asyncio.Condition()

    @property
    def updates(self) -> list[dict[str, Any]]:
        return [update for _, update in self.arrivals]

    @property
    def ids(self) -> list[int]:
        return [update["update_id"] for update in self.updates]

    async def take(self, request: web.Request) -> web.Response:
        update = orjson.loads(await request.read())
        async with self._changed:
            self.arrivals.append((dict(request.headers), update))
            self._changed.notify_all()
        if update["update_id"] in self.gates:
            await self.gates[update["update_id"]].wait()
        text = update.get("message", {}).get("text", "")
        times, headers = self.refusals.get(text, (0, {}))
        if times:
            self.refusals[text] = (times - 1, headers)
            return web.Response(status=500, headers=headers)
        return self.answers.popleft() if self.answers else web.Response()

    async def wait_for(self, count: int) -> list[dict[str, Any]]:
        async with asyncio.timeout(5), self._changed:
            await self._changed.wait_for(lambda: len(self.arrivals) >= count)
        return self.updates


class Stage:
    """One emulator, seen from the bot (`call`) and from the people (`act`)."""

    def __init__(
        self, emulator: TelegramEmulator, clock: StillClock, client: TestClient[Any, Any], hook: Hook, hook_url: str
    ) -> None:
        self.emulator = emulator
        self.clock = clock
        self.client = client
        self.hook = hook
        self.hook_url = hook_url
        self.mia, self.carlos = list(emulator.platform.people)[:2]

    async def call(self, method: str, *, token: str = TOKEN, **params: Any) -> dict[str, Any]:
        async with self.client.post(f"/telegram/bot{token}/{method}", json=params) as response:
            answer: dict[str, Any] = orjson.loads(await response.read())
            assert response.status == (200 if answer["ok"] else answer["error_code"])
            return answer

    async def do(self, method: str, **params: Any) -> Any:
        """A call that must succeed; its result."""
        answer = await self.call(method, **params)
        assert answer["ok"], answer
        return answer["result"]

    async def fail(self, method: str, **params: Any) -> tuple[int, str]:
        answer = await self.call(method, **params)
        assert not answer["ok"], answer
        return answer["error_code"], answer["description"]

    async def ask(self, path: str, body: Any = None, *, method: str = "POST") -> tuple[int, Any]:
        async with self.client.request(method, f"/control/telegram{path}", json=body) as response:
            return response.status, orjson.loads(await response.read())

    async def act(self, what: str, *, chat: int | None = None, **wish: Any) -> Any:
        wish.setdefault("person", self.mia)
        status, answer = await self.ask(f"/1001/chats/{chat or wish['person']}/{what}", wish)
        assert status == 200, answer
        return answer

    async def greet(self) -> int:
        """Mia writes first; returns her chat's id."""
        await self.act("say", text="/start")
        return self.mia

    async def hook_up(self, **params: Any) -> None:
        await self.do("setWebhook", url=self.hook_url, secret_token=SECRET, **params)

    @property
    def failures(self) -> int:
        return self.emulator.platform.accounts[1001].courier.failures

    @property
    def pending(self) -> list[int]:
        return [update.id for update in self.emulator.platform.accounts[1001].updates]

    async def read(self, chat: int) -> Any:
        return (await self.ask(f"/1001/chats/{chat}", method="GET"))[1]


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110  # any condition, of anything
            await asyncio.sleep(0.002)


@asynccontextmanager
async def open_stage() -> AsyncIterator[Stage]:
    clock = StillClock()
    emulator = TelegramEmulator(clock, lambda _: None)
    root = web.Application(client_max_size=LARGEST_BODY)
    root.add_subapp("/control/telegram", emulator.control())
    root.add_subapp("/telegram", emulator.app())
    hook = Hook()
    receiver = web.Application()
    receiver.router.add_post("/hook", hook.take)
    async with TestServer(receiver) as bot, TestClient(TestServer(root)) as client:
        yield Stage(emulator, clock, client, hook, str(bot.make_url("/hook")))


def play(scenario: Scenario) -> None:
    async def run() -> None:
        async with asyncio.timeout(20), open_stage() as stage:
            await scenario(stage)

    asyncio.run(run())
