from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from bot.sandbox.server import Sandbox
from tests.browser.browser import DESKTOP, PHONE, SharedBrowser
from tests.browser.stage import open_stage, serve

_NAME_OF_FOCUSED = """() => {
  const it = document.activeElement;
  const label = it.labels?.[0]?.firstElementChild ?? document.getElementById(it.getAttribute("aria-labelledby"));
  return (it.ariaLabel || label?.textContent || it.textContent).trim();
}"""
_OUTLINE_OF_FOCUSED = "() => getComputedStyle(document.activeElement).outlineStyle"


async def read_focus(page: Page) -> str:
    """The accessible name of what has the focus."""
    return str(await page.evaluate(_NAME_OF_FOCUSED))


def test_chat_works_by_keyboard_alone(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser) as stage:
            keyboard = stage.page.keyboard
            await stage.phone.get_by_role("log").focus()
            await keyboard.press("Tab")
            assert await read_focus(stage.page) == "Start"
            await keyboard.press("Enter")
            mia = (await stage.bot.hear("message"))["from"]["id"]
            await expect(stage.phone.get_by_label("Message to the bot")).to_be_focused()
            await stage.bot.send(mia, "Which day?", ["Today", "Tomorrow"])
            await expect(stage.phone.get_by_role("button", name="Tomorrow")).to_be_visible()
            await stage.phone.get_by_role("log").focus()
            await keyboard.press("Tab")
            await keyboard.press("Tab")
            assert await read_focus(stage.page) == "Tomorrow"
            await keyboard.press("Space")
            query = await stage.bot.hear("callback_query")
            assert query["data"] == "Tomorrow"
            await stage.bot.send(mia, "Meanwhile", ["Something else"])
            await expect(stage.phone.get_by_role("button", name="Something else", exact=True)).to_be_visible()
            await stage.bot.call(
                "editMessageText",
                chat_id=mia,
                message_id=query["message"]["message_id"],
                text="What time?",
                reply_markup={"inline_keyboard": [[{"text": "15:00", "callback_data": "15"}]]},
            )
            await expect(stage.phone.get_by_role("button", name="15:00")).to_be_focused()

    browser.run(scenario())


def test_arrow_keys_move_along_tabs(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser) as stage:
            tab = stage.calendar.get_by_role("tab", selected=True)
            await tab.focus()
            await stage.page.keyboard.press("ArrowRight")
            await expect(tab).to_have_text("Brooklyn")
            await expect(tab).to_be_focused()
            await stage.page.keyboard.press("End")
            await expect(tab).to_have_text("Bandra")
            await stage.page.keyboard.press("ArrowRight")
            await expect(tab).to_have_text("Harbour")
            await expect(stage.calendar.get_by_role("tab")).to_have_count(3)

    browser.run(scenario())


def test_everything_that_can_be_pressed_has_a_name_and_a_visible_focus(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser) as stage:
            await stage.bot.send(await stage.meet(), "Which day?", ["Today"])
            await expect(stage.phone.get_by_role("button", name="Today")).to_be_visible()
            first = stage.page.get_by_role("combobox", name="Business")
            await first.focus()
            names = []
            while True:
                names.append(await read_focus(stage.page))
                assert names[-1]
                assert await stage.page.evaluate(_OUTLINE_OF_FOCUSED) == "solid", names[-1]
                await stage.page.keyboard.press("Tab")
                if await stage.page.evaluate("() => document.activeElement === document.body"):
                    break
            assert names[:4] == ["Business", "Customer", "Make it misbehave", "Reset"]
            assert {"Today", "Message to the bot", "Send", "Message to the staff chat", "Day before", "Tomorrow"} <= set(names)

    browser.run(scenario())


def test_small_screen_shows_one_panel_and_counts_the_others(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser, PHONE) as stage:
            await expect(stage.phone).to_be_visible()
            await expect(stage.staff).to_be_hidden()
            await stage.bot.send(await stage.find_group("Harbour front desk"), "New booking")
            tab = stage.page.get_by_role("tablist", name="Views").get_by_role("tab", name="Staff")
            await expect(tab).to_have_text("Staff1 new")
            await tab.click()
            await expect(stage.phone).to_be_hidden()
            await expect(stage.staff.get_by_role("log")).to_contain_text("New booking")
            await expect(tab).to_have_text("Staff")

    browser.run(scenario())


@pytest.mark.parametrize("size", [PHONE, (390, 844), (1024, 768), DESKTOP])
def test_page_never_scrolls_sideways(browser: SharedBrowser, size: tuple[int, int]) -> None:
    async def scenario() -> None:
        async with open_stage(browser, size) as stage:
            await stage.bot.send(await stage.meet(), "Wörter" * 60, ["A button with a rather long label", "Another one"])
            await expect(stage.page.locator(".message")).to_have_count(2)
            for key in ("phone", "staff", "calendar"):
                await stage.page.evaluate("key => document.querySelector(`#views [data-key=${key}]`).click()", key)
                assert await stage.page.evaluate("document.documentElement.scrollWidth") <= size[0]
            assert await stage.phone.get_by_role("log", include_hidden=True).evaluate("log => log.scrollWidth <= log.clientWidth")

    browser.run(scenario())


def test_page_asks_nothing_but_its_own_origin(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser) as stage:
            await stage.bot.send(await stage.meet(), "Hello")
            await expect(stage.page.locator(".message")).to_have_count(2)
            paths = set()
            for address in stage.requests:
                assert address.startswith(stage.url)
                paths.add("/" + urlsplit(address).path.split("/")[1])
            assert paths == {"/", "/page", "/control"}

    browser.run(scenario())


def test_lost_server_is_admitted_and_found_again(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with browser.open_page() as page:
            async with serve(Sandbox().app()) as url:
                await page.goto(url)
                await expect(page.locator("#pulse")).to_have_text("Live")
            await expect(page.locator("#pulse")).to_have_text("Reconnecting…")
            async with serve(Sandbox().app(), port=int(url.rpartition(":")[2])):
                await expect(page.locator("#pulse")).to_have_text("Live", timeout=20_000)
                await page.get_by_role("button", name="Start").click()
                await expect(page.locator("#phone .message.own")).to_contain_text("/start")

    browser.run(scenario())
