from playwright.async_api import expect

from tests.browser.browser import SharedBrowser
from tests.browser.stage import open_stage


def test_staff_button_reaches_bot_as_the_receptionist(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser) as stage:
            group = await stage.find_group("Harbour front desk")
            await stage.bot.send(group, "Priya asks for a person", ["I take it"])
            await stage.staff.get_by_role("button", name="I take it").click()
            query = await stage.bot.hear("callback_query")
            assert (query["from"]["first_name"], query["message"]["chat"]["id"]) == ("Anna", group)

    browser.run(scenario())


def test_panel_follows_news_of_another_front_desk(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser) as stage:
            await expect(stage.staff.get_by_role("tab", selected=True)).to_have_text("Harbour")
            await stage.bot.send(await stage.find_group("Brooklyn front desk"), "New booking")
            await expect(stage.staff.get_by_role("tab", selected=True)).to_have_text("Brooklyn")
            await expect(stage.staff.get_by_role("log")).to_contain_text("New booking")

    browser.run(scenario())


def test_news_behind_a_tab_is_counted_while_somebody_writes(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser) as stage:
            await stage.staff.get_by_label("Message to the staff chat").fill("/today")
            await stage.bot.send(await stage.find_group("Bandra front desk"), "New booking")
            tab = stage.staff.get_by_role("tab", name="Bandra")
            await expect(tab).to_have_text("Bandra1 new")
            await tab.click()
            await expect(stage.staff.get_by_role("log")).to_contain_text("New booking")
            await expect(tab).to_have_text("Bandra")

    browser.run(scenario())


def test_other_business_has_its_own_staff_chat(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser) as stage:
            await stage.page.get_by_role("combobox", name="Business").select_option("Riverside Physio")
            await expect(stage.staff.get_by_role("heading", name="Riverside front desk")).to_be_visible()
            await expect(stage.staff.get_by_role("tab")).to_have_count(0)

    browser.run(scenario())
