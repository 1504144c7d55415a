"""Misbehaviour on command, the same for every emulator.

A fault waits for a call of its operation and strikes a bounded number of times. Where it strikes relative to the
operation's effect is what matters to a client, so the kinds are named by it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web

FaultKind = Literal[
    "refuse",  # `status` (default 500) before anything is applied
    "fail_after",  # applied, then `status` (default 504) instead of the answer
    "cut_before",  # connection closed, nothing applied
    "cut_after",  # applied, then the connection is closed without an answer
    "slow_before",  # waits `seconds`, then applies and answers
    "slow_after",  # applies, then waits `seconds` before answering
    "rate_limit",  # 429 with Retry-After `seconds`, nothing applied
    "html",  # a proxy's HTML error page with status 502, nothing applied
    "truncate",  # applied, and the JSON answer ends in the middle
]


@dataclass(slots=True)
class Fault:
    """One planned misbehaviour."""

    operation: str
    """The emulator's own name of the operation (`confirm`, `sendMessage`), or `*`."""
    kind: FaultKind
    times: int = 1
    after: int = 0
    """Let this many calls of the operation through first."""
    seconds: float = 0.0
    status: int = 0
    account: str = ""
    """Strikes only calls with this credential; empty: everybody's."""


@dataclass(slots=True)
class FaultPlan:
    """The faults waiting at one emulator."""

    waiting: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        self.waiting.append(fault)

    def clear(self) -> None:
        self.waiting.clear()

    def take(self, operation: str, *, account: str = "") -> Fault | None:
        """The fault that strikes this call, if any."""
        for fault in self.waiting:
            if fault.operation not in (operation, "*") or fault.account not in (account, ""):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.waiting.remove(fault)
            return fault
        return None

    async def run(
        self, request: web.Request, operation: str, answer: Callable[[], Awaitable[web.Response]], *, account: str = ""
    ) -> web.StreamResponse:
        """Answer a call of `operation`, misbehaving if a fault is due."""
        fault = self.take(operation, account=account)
        return await answer() if fault is None else await self.strike(fault, request, answer)

    @staticmethod
    async def strike(fault: Fault, request: web.Request, answer: Callable[[], Awaitable[web.Response]]) -> web.StreamResponse:
        """Answer a call as `fault`, which was taken from a plan, wants it."""
        if fault.kind == "refuse":
            return web.json_response({"message": "refused on command"}, status=fault.status or 500)
        if fault.kind == "rate_limit":
            return web.json_response({}, status=429, headers={"Retry-After": str(int(fault.seconds) or 1)})
        if fault.kind == "html":
            return web.Response(status=502, text="<html><body>Bad gateway</body></html>", content_type="text/html")
        if fault.kind == "cut_before":
            return _cut(request)
        if fault.kind == "slow_before":
            await asyncio.sleep(fault.seconds)
            return await answer()
        response = await answer()
        if fault.kind == "cut_after":
            return _cut(request)
        if fault.kind == "slow_after":
            await asyncio.sleep(fault.seconds)
            return response
        if fault.kind == "truncate":
            body = response.body if isinstance(response.body, bytes) else b"{}"
            return web.Response(body=body[: len(body) // 2], content_type="application/json")
        return web.json_response({"message": "failed on command"}, status=fault.status or 504)


def _cut(request: web.Request) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
