"""The demo as its first visitor uses it: the real bot, through the page alone."""

import os
import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.browser import DESKTOP, PHONE, SharedBrowser

# Read here, because the tests' environment is cleared of our variables. Set: the picture in the README is taken anew.
_TAKES_PICTURE = "FRONTDESK_SCREENSHOT" in os.environ
_PICTURE = Path(__file__).parents[2] / "docs/images/demo.png"


def find_button(page: Page, name: str) -> Locator:
    """The newest button of the customer's chat that begins so."""
    return page.locator("#phone").get_by_role("button", name=re.compile(f"^{name}")).last


async def book(page: Page) -> str:
    """Book Mia the first free haircut at Harbour; the time of day."""
    for name in ("Start", "Harbour", "Haircut", "Anyone", "First free", "Share my number"):
        await find_button(page, name).click()
    confirm = find_button(page, r"Book \d")
    time = (await confirm.inner_text()).removeprefix("Book ")
    await confirm.click()
    await expect(page.locator("#phone .message.other").last).to_contain_text("Booked:")
    return time


@pytest.mark.parametrize("size", [DESKTOP, PHONE])
def test_customer_books_and_everybody_sees_it(browser: SharedBrowser, demo: str, size: tuple[int, int]) -> None:
    async def scenario() -> None:
        async with browser.open_page(size) as page:
            await page.goto(demo)
            time = await book(page)
            await expect(page.locator("#phone .message.other").last).to_contain_text(time)
            if size == PHONE:
                await page.get_by_role("tab", name="Staff").click()
            await expect(page.locator("#staff .message").last).to_contain_text(re.compile(f"{time}.*Mia Walker"))
            if size == PHONE:
                await page.get_by_role("tab", name="Calendar").click()
            block = page.locator("#calendar .is-from-chat")
            await expect(block).to_contain_text("Mia")
            await expect(block).to_contain_text("Haircut")
            await expect(block).to_be_in_viewport()
            await expect(page.get_by_role("alert")).to_be_hidden()
            if _TAKES_PICTURE and size == DESKTOP:
                await page.screenshot(path=_PICTURE, animations="disabled")

    browser.run(scenario())


def test_answer_is_true_when_the_vendor_books_and_loses_its_answer(browser: SharedBrowser, demo: str) -> None:
    async def scenario() -> None:
        async with browser.open_page() as page:
            await page.goto(demo)
            await page.get_by_role("button", name="Make it misbehave").click()
            lost = page.get_by_role("switch", name="gets lost")
            await lost.click()
            await expect(lost).to_be_checked()
            await page.keyboard.press("Escape")
            await book(page)
            await expect(page.locator("#calendar .is-from-chat")).to_have_count(1)
            await expect(page.locator("#trouble-count")).to_be_hidden()

    browser.run(scenario())
