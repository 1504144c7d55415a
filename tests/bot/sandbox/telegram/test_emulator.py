import asyncio
from typing import Any

import pytest
from aiohttp import ClientError, FormData
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, RetryAfter

from bot.sandbox.faults import Fault
from tests.bot.sandbox.telegram.stage import GROUP, TOKEN, Stage, play, until


async def post(stage: Stage, method: str, **kwargs: Any) -> tuple[int, bytes]:
    async with stage.client.post(f"/telegram/bot{TOKEN}/{method}", **kwargs) as response:
        return response.status, await response.read()


@pytest.mark.parametrize(
    ("token", "status", "description"),
    [
        ("1001:harbour-demo-token", 200, None),
        ("1001:wrong", 401, "Unauthorized"),
        ("7:wrong", 401, "Unauthorized"),
        ("wrong", 404, "Not Found"),
    ],
)
def test_a_token_opens_its_bot_only(token: str, status: int, description: str | None) -> None:
    async def scenario(stage: Stage) -> None:
        answer = await stage.call("getMe", token=token)
        assert (answer.get("error_code", 200), answer.get("description")) == (status, description)

    play(scenario)


def test_an_unknown_method_is_not_found_and_case_does_not_matter() -> None:
    async def scenario(stage: Stage) -> None:
        assert await stage.fail("makeCoffee") == (404, "Not Found: method not found")
        await stage.do("GETME")

    play(scenario)


def test_parameters_come_in_every_form() -> None:
    async def scenario(stage: Stage) -> None:
        markup = '{"inline_keyboard":[[{"text":"Ü & #1","callback_data":"x"}]]}'
        fields = {"chat_id": str(GROUP), "text": "a+b & c=é #", "disable_notification": "true", "reply_markup": markup}
        multipart = FormData(fields, default_to_multipart=True)
        for kwargs in ({"data": fields}, {"data": multipart}, {"json": fields}, {"params": fields}):
            status, _ = await post(stage, "sendMessage", **kwargs)
            assert status == 200
        async with stage.client.get(f"/telegram/bot{TOKEN}/sendMessage", params=fields) as response:
            assert response.status == 200
        shown = (await stage.read(GROUP))["messages"]
        assert len(shown) == 5
        for message in shown:
            assert (message["text"], message["silent"]) == ("a+b & c=é #", True)
            assert message["inline_keyboard"] == [[{"text": "Ü & #1", "style": "", "url": None, "data": "x"}]]

    play(scenario)


@pytest.mark.parametrize("body", [b"{", b"[1]", b"null", b'"text"'])
def test_an_unreadable_body_is_refused(body: bytes) -> None:
    async def scenario(stage: Stage) -> None:
        status, _ = await post(stage, "sendMessage", data=body, headers={"Content-Type": "application/json"})
        assert status == 400

    play(scenario)


def test_an_unreadable_nested_object_is_refused() -> None:
    async def scenario(stage: Stage) -> None:
        refusal = await stage.fail("sendMessage", chat_id=GROUP, text="x", reply_markup="{")
        assert refusal == (400, "Bad Request: can't parse reply markup JSON object")

    play(scenario)


@pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
def test_a_real_client_library_understands_every_answer() -> None:
    async def scenario(stage: Stage) -> None:
        prefix = str(stage.client.make_url("/telegram/bot"))
        async with Bot(TOKEN, base_url=prefix) as bot:
            chat = await stage.greet()
            keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Ok", callback_data="x")]])
            message = await bot.send_message(chat, "<b>Hi</b>", parse_mode="HTML", reply_markup=keyboard)
            assert message.entities[0].type == "bold"
            assert await bot.edit_message_text("Bye", chat, message.message_id)
            document = await bot.send_document(chat, b"BEGIN:VCALENDAR", filename="visit.ics")
            assert document.document is not None
            assert document.document.mime_type == "text/calendar"
            with pytest.raises(BadRequest, match="Message is not modified"):
                await bot.edit_message_text("Bye", chat, message.message_id)
            await bot.send_message(chat, "four")
            with pytest.raises(RetryAfter):
                await bot.send_message(chat, "five")
            await stage.act("tap", message_id=message.message_id, data="x")
            updates = await bot.get_updates()
            assert updates[-1].callback_query is not None
            assert await bot.answer_callback_query(updates[-1].callback_query.id, "ok")

    play(scenario)


async def count_messages(stage: Stage) -> int:
    return len((await stage.read(GROUP))["messages"])


@pytest.mark.parametrize(
    ("fault", "status", "description", "effects"),
    [
        (Fault("sendMessage", "refuse"), 500, "Internal Server Error", 0),
        (Fault("sendMessage", "refuse", status=502), 502, "Bad Gateway", 0),
        (Fault("*", "rate_limit", seconds=7), 429, "Too Many Requests: retry after 7", 0),
        (Fault("sendMessage", "fail_after"), 504, "Gateway Timeout", 1),
    ],
)
def test_faults_answer_in_telegrams_words(fault: Fault, status: int, description: str, effects: int) -> None:
    async def scenario(stage: Stage) -> None:
        stage.emulator.faults.add(fault)
        answer = await stage.call("sendMessage", chat_id=GROUP, text="x")
        assert (answer["error_code"], answer["description"]) == (status, description)
        assert answer.get("parameters") == ({"retry_after": 7} if status == 429 else None)
        assert await count_messages(stage) == effects
        assert stage.emulator.log.show()["log"][0]["fault"] == fault.kind
        await stage.do("sendMessage", chat_id=GROUP, text="x")

    play(scenario)


@pytest.mark.parametrize(("kind", "effects"), [("cut_before", 0), ("cut_after", 1)])
def test_a_cut_connection_leaves_the_effect_in_doubt(kind: Any, effects: int) -> None:
    async def scenario(stage: Stage) -> None:
        stage.emulator.faults.add(Fault("sendMessage", kind))
        with pytest.raises(ClientError):
            await post(stage, "sendMessage", json={"chat_id": GROUP, "text": "x"})
        assert await count_messages(stage) == effects

    play(scenario)


@pytest.mark.parametrize(("kind", "status", "effects"), [("html", 502, 0), ("truncate", 200, 1)])
def test_an_answer_may_not_be_json(kind: Any, status: int, effects: int) -> None:
    async def scenario(stage: Stage) -> None:
        stage.emulator.faults.add(Fault("sendMessage", kind))
        answered, body = await post(stage, "sendMessage", json={"chat_id": GROUP, "text": "x"})
        assert answered == status
        assert not body.endswith(b"}")
        assert await count_messages(stage) == effects

    play(scenario)


@pytest.mark.parametrize(("kind", "effects"), [("slow_before", 0), ("slow_after", 1)])
def test_a_slow_call_happens_even_if_the_client_hangs_up(kind: Any, effects: int) -> None:
    async def scenario(stage: Stage) -> None:
        stage.emulator.faults.add(Fault("sendMessage", kind, seconds=0.2))
        call = asyncio.create_task(post(stage, "sendMessage", json={"chat_id": GROUP, "text": "x"}))
        await until(lambda: not stage.emulator.faults.waiting)
        assert await count_messages(stage) == effects
        call.cancel()
        await until(lambda: stage.emulator.log.total == 1)
        assert await count_messages(stage) == 1

    play(scenario)


def test_a_reset_brings_new_people_and_keeps_the_webhook() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.hook_up()
        await stage.act("say?wait=answered", text="old")
        await stage.do("sendMessage", chat_id=GROUP, text="old")
        stage.emulator.faults.add(Fault("*", "refuse"))
        stage.emulator.switches.flood = False
        stage.emulator.delivery.paused = True
        await stage.act("say", text="undelivered")
        last = stage.pending[0]
        status, _ = await stage.ask("/reset")
        assert status == 200
        people = (await stage.ask("/people", method="GET"))[1]
        assert people[0]["name"] == "Mia Walker"
        assert people[0]["id"] > stage.mia
        assert await count_messages(stage) == 0
        assert (await stage.ask(f"/1001/chats/{stage.mia}", method="GET"))[0] == 404
        assert (stage.emulator.switches.flood, stage.emulator.delivery.paused) == (True, False)
        assert (await stage.do("getWebhookInfo"))["url"] == stage.hook_url
        said = await stage.act("say?wait=answered", person=people[0]["id"], text="new")
        assert said["answered"]
        assert said["update_id"] > last
        assert [update["message"]["text"] for update in stage.hook.updates] == ["old", "new"]

    play(scenario)
