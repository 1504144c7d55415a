from datetime import timedelta
from io import BytesIO

import pytest
from aiohttp import FormData

from bot.sandbox.telegram.messages import LARGEST_UPLOAD
from bot.sandbox.telegram.params import LARGEST_BODY
from tests.bot.sandbox.telegram.stage import GROUP, TOKEN, Stage, play

EMPTY = (400, "Bad Request: message text is empty")
TOO_LONG = (400, "Bad Request: message is too long")


@pytest.mark.parametrize("text", ["x", "x" * 4096, "💈" * 2048, "<b>" + "x" * 4096 + "</b>", "  " + "x" * 4096 + "\n"])
def test_text_within_the_limits_is_sent(text: str) -> None:
    async def scenario(stage: Stage) -> None:
        message = await stage.do("sendMessage", chat_id=await stage.greet(), text=text, parse_mode="HTML")
        assert message["text"] == text.replace("<b>", "").replace("</b>", "").strip()

    play(scenario)


def test_text_outside_the_limits_is_refused() -> None:
    async def scenario(stage: Stage) -> None:
        chat = await stage.greet()
        assert await stage.fail("sendMessage", chat_id=chat) == EMPTY
        assert await stage.fail("sendMessage", chat_id=chat, text=" \n ") == EMPTY
        assert await stage.fail("sendMessage", chat_id=chat, text="<b> </b>", parse_mode="HTML") == EMPTY
        assert await stage.fail("sendMessage", chat_id=chat, text="x" * 4097) == TOO_LONG
        assert await stage.fail("sendMessage", chat_id=chat, text="💈" * 2048 + "x") == TOO_LONG
        stage.emulator.switches.strict_text = False
        await stage.do("sendMessage", chat_id=chat, text="💈" * 4096)
        assert await stage.fail("sendMessage", chat_id=chat, text="💈" * 4097) == TOO_LONG

    play(scenario)


def test_a_sent_message_has_telegrams_shape() -> None:
    async def scenario(stage: Stage) -> None:
        chat = await stage.greet()
        keyboard = {"inline_keyboard": [[{"text": "Ok", "callback_data": "x"}]]}
        message = await stage.do("sendMessage", chat_id=chat, text="<b>Hi</b>", parse_mode="HTML", reply_markup=keyboard)
        assert message == {
            "message_id": 2,
            "from": {"id": 1001, "is_bot": True, "first_name": "Harbour Studio", "username": "harbour_demo_bot"},
            "chat": {"id": chat, "type": "private", "first_name": "Mia", "last_name": "Walker", "username": "mia_w"},
            "date": int(stage.clock.now().timestamp()),
            "text": "Hi",
            "entities": [{"type": "bold", "offset": 0, "length": 2}],
            "reply_markup": keyboard,
        }

    play(scenario)


def test_chats_that_cannot_be_written_to_say_why() -> None:
    async def scenario(stage: Stage) -> None:
        async def fail(chat: object) -> tuple[int, str]:
            return await stage.fail("sendMessage", chat_id=chat, text="x")

        assert await fail("") == (400, "Bad Request: chat_id is empty")
        assert await fail(77) == (400, "Bad Request: chat not found")
        assert await fail("@nobody") == (400, "Bad Request: chat not found")
        assert await fail(-1001004) == (400, "Bad Request: chat not found")
        assert await fail(stage.mia) == (403, "Forbidden: bot can't initiate conversation with a user")
        await stage.greet()
        await stage.act("block")
        assert await fail(stage.mia) == (403, "Forbidden: bot was blocked by the user")
        await stage.act("unblock")
        await stage.ask(f"/people/{stage.mia}", {"deactivated": True}, method="PUT")
        assert await fail(stage.mia) == (403, "Forbidden: user is deactivated")

    play(scenario)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("kicked", "bot was kicked from the group chat"),
        ("left", "bot is not a member of the group chat"),
        ("deleted", "the group chat was deleted"),
    ],
)
def test_a_lost_group_says_how_it_was_lost(status: str, reason: str) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.act("group", chat=GROUP, status=status)
        assert await stage.fail("sendMessage", chat_id=GROUP, text="x") == (403, f"Forbidden: {reason}")
        await stage.act("group", chat=GROUP, status="member")
        await stage.do("sendMessage", chat_id=GROUP, text="x")

    play(scenario)


def test_an_upgraded_group_names_its_new_id() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.hook_up()
        _, answer = await stage.ask(f"/1001/chats/{GROUP}/migrate", {})
        new = answer["chat_id"]
        assert str(new).startswith("-100")
        refusal = await stage.call("sendMessage", chat_id=GROUP, text="x")
        assert refusal["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
        assert refusal["parameters"] == {"migrate_to_chat_id": new}
        await stage.do("sendMessage", chat_id=new, text="x")
        told = [update["message"] for update in await stage.hook.wait_for(2)]
        by_chat = {message["chat"]["id"]: message for message in told}
        assert by_chat[GROUP]["migrate_to_chat_id"] == new
        assert by_chat[new]["migrate_from_chat_id"] == GROUP

    play(scenario)


def test_a_topic_must_exist_and_is_never_one() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.act("group", chat=GROUP, topics=[7])
        message = await stage.do("sendMessage", chat_id=GROUP, text="x", message_thread_id=7)
        assert message["message_thread_id"] == 7
        for thread in (1, 8):
            assert await stage.fail("sendMessage", chat_id=GROUP, text="x", message_thread_id=thread) == (
                400,
                "Bad Request: message thread not found",
            )

    play(scenario)


def test_a_reply_needs_its_message_unless_allowed_without() -> None:
    async def scenario(stage: Stage) -> None:
        chat = await stage.greet()
        message = await stage.do("sendMessage", chat_id=chat, text="x", reply_parameters={"message_id": 1})
        assert message["reply_to_message"]["text"] == "/start"
        missing = {"message_id": 99}
        assert (await stage.fail("sendMessage", chat_id=chat, text="x", reply_parameters=missing))[0] == 400
        await stage.do("sendMessage", chat_id=chat, text="x", reply_parameters={**missing, "allow_sending_without_reply": True})

    play(scenario)


def test_reply_keyboards_come_and_go() -> None:
    async def scenario(stage: Stage) -> None:
        chat = await stage.greet()
        keyboard = {"keyboard": [[{"text": "My number", "request_contact": True}]], "one_time_keyboard": True}
        message = await stage.do("sendMessage", chat_id=chat, text="x", reply_markup=keyboard)
        assert "reply_markup" not in message
        assert (await stage.read(chat))["reply_keyboard"]["one_time"] is True
        await stage.do("sendMessage", chat_id=chat, text="x")
        assert (await stage.read(chat))["reply_keyboard"]
        await stage.do("sendMessage", chat_id=chat, text="x", reply_markup={"remove_keyboard": True})
        assert (await stage.read(chat))["reply_keyboard"] is None
        await stage.do("sendMessage", chat_id=chat, text="x", reply_markup=keyboard)
        await stage.act("contact")
        assert (await stage.read(chat))["reply_keyboard"] is None

    play(scenario)


def test_a_document_is_kept_as_it_was_uploaded() -> None:
    async def scenario(stage: Stage) -> None:
        form = FormData({"chat_id": str(await stage.greet()), "caption": "<i>Visit</i>", "parse_mode": "HTML"})
        form.add_field("document", b"BEGIN:VCALENDAR", filename="visit.ics", content_type="text/calendar")
        async with stage.client.post(f"/telegram/bot{TOKEN}/sendDocument", data=form) as response:
            message = (await response.json())["result"]
        document = message["document"]
        assert (document["file_name"], document["mime_type"], document["file_size"]) == ("visit.ics", "text/calendar", 15)
        assert message["caption_entities"] == [{"type": "italic", "offset": 0, "length": 5}]
        async with stage.client.get(f"/control/telegram/1001/files/{document['file_id']}") as response:
            assert await response.read() == b"BEGIN:VCALENDAR"
        again = await stage.do("sendDocument", chat_id=stage.mia, document=document["file_id"])
        assert again["document"] == document

    play(scenario)


@pytest.mark.parametrize(("size", "status"), [(LARGEST_UPLOAD, 200), (LARGEST_UPLOAD + 1, 413), (LARGEST_BODY + 1, 413)], ids=str)
def test_an_upload_has_at_most_50_megabytes(size: int, status: int) -> None:
    async def scenario(stage: Stage) -> None:
        form = FormData({"chat_id": str(await stage.greet())})
        form.add_field("document", BytesIO(b"x" * size), filename="big.bin")
        async with stage.client.post(f"/telegram/bot{TOKEN}/sendDocument", data=form) as response:
            assert (response.status, (await response.json())["ok"]) == (status, status == 200)

    play(scenario)


@pytest.mark.parametrize(
    ("name", "is_fetched"), [("a.pdf", True), ("a.ZIP", True), ("a.gif", True), ("a.ics", False), ("a", False)]
)
def test_only_three_kinds_of_documents_are_fetched(name: str, is_fetched: bool) -> None:
    async def scenario(stage: Stage) -> None:
        answer = await stage.call("sendDocument", chat_id=await stage.greet(), document=f"https://example.com/{name}")
        assert answer["ok"] is is_fetched

    play(scenario)


def test_a_caption_has_at_most_1024_characters() -> None:
    async def scenario(stage: Stage) -> None:
        chat = await stage.greet()
        await stage.do("sendDocument", chat_id=chat, document="https://example.com/a.pdf", caption="c" * 1024)
        refusal = await stage.fail("sendDocument", chat_id=chat, document="https://example.com/a.pdf", caption="c" * 1025)
        assert refusal == (400, "Bad Request: message caption is too long")

    play(scenario)


def test_a_place_needs_real_coordinates_and_a_venue_its_names() -> None:
    async def scenario(stage: Stage) -> None:
        chat = await stage.greet()
        place = {"latitude": 90, "longitude": "-180"}
        await stage.do("sendLocation", chat_id=chat, **place)
        await stage.do("sendVenue", chat_id=chat, **place, title="Harbour", address="Pier 1")
        assert (await stage.fail("sendLocation", chat_id=chat, latitude=90.1, longitude=0))[0] == 400
        assert (await stage.fail("sendLocation", chat_id=chat, latitude=1))[0] == 400
        assert (await stage.fail("sendVenue", chat_id=chat, **place, title="Harbour"))[0] == 400

    play(scenario)


def test_a_flooded_chat_is_told_to_wait() -> None:
    async def scenario(stage: Stage) -> None:
        chat = await stage.greet()
        for _ in range(4):
            await stage.do("sendMessage", chat_id=chat, text="x")
        body = {"chat_id": chat, "text": "x"}
        async with stage.client.post(f"/telegram/bot{TOKEN}/sendMessage", json=body) as response:
            assert (response.status, response.headers["Retry-After"]) == (429, "1")
            assert await response.json() == {
                "ok": False,
                "error_code": 429,
                "description": "Too Many Requests: retry after 1",
                "parameters": {"retry_after": 1},
            }
        assert len((await stage.read(chat))["messages"]) == 5
        stage.clock.advance(timedelta(seconds=1))
        await stage.do("sendMessage", chat_id=chat, text="x")

    play(scenario)


def test_an_invalid_send_uses_up_nothing() -> None:
    async def scenario(stage: Stage) -> None:
        chat = await stage.greet()
        for _ in range(10):
            await stage.fail("sendMessage", chat_id=chat, text="")
        await stage.do("sendMessage", chat_id=chat, text="x")

    play(scenario)


def test_a_chat_action_must_be_a_known_one() -> None:
    async def scenario(stage: Stage) -> None:
        chat = await stage.greet()
        assert await stage.do("sendChatAction", chat_id=chat, action="typing") is True
        assert (await stage.fail("sendChatAction", chat_id=chat, action="dancing"))[0] == 400

    play(scenario)
