from playwright.async_api import expect

from tests.browser.browser import SharedBrowser
from tests.browser.stage import open_stage


def test_empty_chat_offers_start(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser) as stage:
            await expect(stage.phone.get_by_label("Message to the bot")).to_be_hidden()
            await stage.phone.get_by_role("button", name="Start").click()
            assert (await stage.bot.hear("message"))["text"] == "/start"
            await expect(stage.phone.get_by_label("Message to the bot")).to_be_visible()

    browser.run(scenario())


def test_message_appears_without_reload(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser) as stage:
            await stage.bot.send(await stage.meet(), "Hello <b>Mia</b>", parse_mode="HTML")
            text = stage.phone.locator(".message.other .text")
            await expect(text).to_have_text("Hello Mia")
            await expect(text.locator("b")).to_have_text("Mia")

    browser.run(scenario())


def test_typed_message_reaches_bot(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser) as stage:
            await stage.meet()
            await stage.phone.get_by_label("Message to the bot").fill("haircut tomorrow 5pm")
            await stage.phone.get_by_role("button", name="Send", exact=True).click()
            assert (await stage.bot.hear("message"))["text"] == "haircut tomorrow 5pm"
            await expect(stage.phone.locator(".message.own").last).to_contain_text("haircut tomorrow 5pm")

    browser.run(scenario())


def test_tapped_button_spins_until_bot_answers(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser) as stage:
            await stage.bot.send(await stage.meet(), "When?", ["15:00", "16:00"], ["Back"])
            button = stage.phone.get_by_role("button", name="16:00")
            await button.click()
            query = await stage.bot.hear("callback_query")
            assert query["data"] == "16:00"
            await expect(button).to_have_attribute("aria-busy", "true")
            await stage.bot.call("answerCallbackQuery", callback_query_id=query["id"], text="Noted")
            await expect(button).not_to_have_attribute("aria-busy", "true")
            await expect(stage.phone.locator(".toast")).to_have_text("Noted")

    browser.run(scenario())


def test_edit_changes_bubble_in_place(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser) as stage:
            mia = await stage.meet()
            first = await stage.bot.send(mia, "Which day?", ["Today"])
            await stage.bot.send(mia, "Something else")
            await expect(stage.phone.locator(".message.other")).to_have_count(2)
            await stage.bot.call("editMessageText", chat_id=mia, message_id=first, text="What time?")
            bubble = stage.phone.locator(".message.other").first
            await expect(bubble).to_contain_text("What time?")
            await expect(bubble).to_contain_text("edited")
            await expect(bubble.get_by_role("button")).to_have_count(0)
            await expect(stage.phone.locator(".message.other")).to_have_count(2)

    browser.run(scenario())


def test_contact_button_shares_own_number(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser) as stage:
            mia = await stage.meet()
            keyboard = {"keyboard": [[{"text": "Share my number", "request_contact": True}], ["Back"]], "one_time_keyboard": True}
            await stage.bot.call("sendMessage", chat_id=mia, text="Your number?", reply_markup=keyboard)
            await stage.phone.get_by_role("button", name="Share my number").click()
            contact = (await stage.bot.hear("message"))["contact"]
            assert (contact["user_id"], contact["phone_number"]) == (mia, "12125550142")
            await expect(stage.phone.locator(".card")).to_contain_text("+12125550142")
            await expect(stage.phone.get_by_role("button", name="Share my number")).to_have_count(0)

    browser.run(scenario())


def test_voice_message_reaches_bot(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser) as stage:
            await stage.meet()
            await stage.phone.get_by_role("button", name="Send something else").click()
            await stage.phone.get_by_role("button", name="Voice message").click()
            assert "voice" in await stage.bot.hear("message")
            await expect(stage.phone.locator(".message.own").last).to_contain_text("Voice message")

    browser.run(scenario())


def test_markup_in_names_and_texts_is_shown_as_text(browser: SharedBrowser) -> None:
    name, text = "<img src=x onerror=alert(1)>", "<script>alert(2)</script>"

    async def scenario() -> None:
        async with open_stage(browser) as stage:
            await stage.control("POST", "/telegram/people", first_name=name)
            await stage.page.reload()
            await stage.page.get_by_role("combobox", name="Customer").select_option(name)
            await expect(stage.page.get_by_role("heading", name=f"{name}\N{RIGHT SINGLE QUOTATION MARK}s phone")).to_be_visible()
            person = await stage.meet(name)
            await stage.bot.send(person, text, [text])
            await expect(stage.phone.locator(".message.other .text")).to_have_text(text)
            await expect(stage.phone.get_by_role("button", name=text)).to_be_visible()
            assert await stage.page.locator("main img, main script").count() == 0

    browser.run(scenario())


def test_other_customer_has_another_chat(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser) as stage:
            await stage.bot.send(await stage.meet(), "Hello Mia")
            await expect(stage.phone.locator(".message")).to_have_count(2)
            await stage.page.get_by_role("combobox", name="Customer").select_option("Carlos Ortega")
            await expect(stage.phone.locator(".message")).to_have_count(0)
            await stage.phone.get_by_role("button", name="Start").click()
            assert (await stage.bot.hear("message"))["from"]["first_name"] == "Carlos"

    browser.run(scenario())


def test_reset_starts_over_with_same_customer(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser) as stage:
            await stage.page.get_by_role("combobox", name="Customer").select_option("Priya Nair")
            before = await stage.meet("Priya Nair")
            await expect(stage.phone.locator(".message")).to_have_count(1)
            await stage.page.get_by_role("button", name="Reset").click()
            await expect(stage.phone.locator(".message")).to_have_count(0)
            await stage.phone.get_by_role("button", name="Start").click()
            person = (await stage.bot.hear("message"))["from"]
            assert person["first_name"] == "Priya"
            assert person["id"] != before
            await expect(stage.page.get_by_role("alert")).to_be_hidden()

    browser.run(scenario())


def test_long_list_of_buttons_leaves_its_question_in_view(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser) as stage:
            mia = await stage.meet()
            await stage.bot.send(mia, "Hello\n" * 40)
            await stage.bot.send(mia, "Which day?", *([f"{day} November"] for day in range(1, 31)))
            await expect(stage.phone.locator(".message").last.locator(".text")).to_be_in_viewport(ratio=1)

    browser.run(scenario())


def test_escape_closes_the_menu_and_gives_the_focus_back(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser) as stage:
            await stage.meet()
            opener = stage.phone.get_by_role("button", name="Send something else")
            await opener.click()
            await expect(stage.phone.get_by_role("button", name="Voice message")).to_be_focused()
            await stage.page.keyboard.press("Escape")
            await expect(stage.phone.get_by_role("button", name="Voice message")).to_be_hidden()
            await expect(opener).to_be_focused()

    browser.run(scenario())
