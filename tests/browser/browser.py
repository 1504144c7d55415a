"""One Chromium for all tests of a session: starting it takes longer than most of them."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from threading import Thread
from typing import Any, Self, TypeVar

from playwright.async_api import Browser, Page, Playwright, async_playwright

DESKTOP = (1440, 900)
PHONE = (360, 740)

# The browser must not phone home: the tests' network rule cannot see another process.
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

_T = TypeVar("_T")


class SharedBrowser:
    """Chromium on an event loop in a thread of its own, on which the tests' scenarios run too.

    A thread, because a loop that outlived its test in the main thread would forbid other tests their `asyncio.run`.
    """

    def __init__(self, program: str) -> None:
        self._program = program
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="browser")
        self._playwright: Playwright
        self._browser: Browser

    def __enter__(self) -> Self:
        self._thread.start()
        self.run(self._launch())
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def run(self, scenario: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(scenario, self._loop).result()

    @asynccontextmanager
    async def open_page(self, size: tuple[int, int] = DESKTOP) -> AsyncIterator[Page]:
        """An empty page that shares nothing with others; a script error on it fails the test."""
        errors: list[str] = []
        page = await self._browser.new_page(viewport={"width": size[0], "height": size[1]})
        page.on("pageerror", lambda error: errors.append(str(error)))
        try:
            yield page
        finally:
            await page.close()
        assert errors == []

    async def _launch(self) -> None:
        self._playwright = await async_playwright().start()
        self._browser = await self._playwright.chromium.launch(executable_path=self._program, args=_ARGUMENTS)

    async def _close(self) -> None:
        await self._browser.close()
        await self._playwright.stop()
