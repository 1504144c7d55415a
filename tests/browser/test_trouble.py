import pytest
from playwright.async_api import expect

from bot.sandbox.vendors import EMULATORS
from tests.browser.browser import SharedBrowser
from tests.browser.stage import open_stage


def test_switch_orders_a_fault_until_it_struck(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser) as stage:
            await stage.page.get_by_role("button", name="Make it misbehave").click()
            menu = stage.page.get_by_role("dialog", name="Make it misbehave")
            busy = menu.get_by_role("switch", name="too busy")
            await busy.click()
            await expect(busy).to_be_checked()
            (fault,) = await stage.control("GET", "/zenoti/faults")
            assert (fault["operation"], fault["kind"]) == ("*", "rate_limit")
            for _ in range(fault["times"]):
                await stage.zenoti("GET", "/v1/centers")
            await stage.meet()
            await expect(busy).not_to_be_checked()

    browser.run(scenario())


@pytest.mark.parametrize("vendor", EMULATORS)
def test_one_switch_goes_off_and_leaves_the_others(browser: SharedBrowser, vendor: str) -> None:
    async def scenario() -> None:
        async with open_stage(browser, vendor=vendor) as stage:
            await stage.page.get_by_role("button", name="Make it misbehave").click()
            menu = stage.page.get_by_role("dialog", name="Make it misbehave")
            slow, lost = menu.get_by_role("switch", name="5 seconds"), menu.get_by_role("switch", name="gets lost")
            await slow.click()
            await expect(slow).to_be_checked()
            await lost.click()
            await expect(lost).to_be_checked()
            await slow.click()
            await expect(slow).not_to_be_checked()
            await expect(lost).to_be_checked()
            await expect(slow).to_contain_text(EMULATORS[vendor].name)
            (fault,) = await stage.vendor_control("GET", "/faults")
            assert (fault["operation"], fault["kind"]) == (EMULATORS[vendor].operations["book"], "cut_after")

    browser.run(scenario())


def test_repeated_deliveries_reach_the_bot_four_times(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser) as stage:
            await stage.page.get_by_role("button", name="Make it misbehave").click()
            repeats = stage.page.get_by_role("switch", name="repeats itself")
            await repeats.click()
            await expect(repeats).to_be_checked()
            await stage.page.keyboard.press("Escape")
            await stage.phone.get_by_role("button", name="Start").click()
            heard = [await stage.bot.hear("message") for _ in range(4)]
            assert len({message["message_id"] for message in heard}) == 1

    browser.run(scenario())


def test_calm_clears_everything(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser) as stage:
            opener = stage.page.get_by_role("button", name="Make it misbehave")
            await opener.click()
            menu = stage.page.get_by_role("dialog", name="Make it misbehave")
            for name in ("error", "repeats itself"):
                await menu.get_by_role("switch", name=name).click()
                await expect(menu.get_by_role("switch", name=name)).to_be_checked()
            await expect(opener).to_contain_text("2")
            await menu.get_by_role("button", name="Calm everything").click()
            await expect(menu.get_by_role("switch", checked=True)).to_have_count(0)
            assert await stage.control("GET", "/zenoti/faults") == []
            assert (await stage.control("GET", "/telegram/delivery"))["duplicates"] == 0

    browser.run(scenario())
