from datetime import timedelta
from typing import Any

import pytest

from tests.bot.sandbox.telegram.stage import GROUP, Stage, play

KEYBOARD = {"inline_keyboard": [[{"text": "Ok", "callback_data": "x"}]]}
NOT_MODIFIED = (
    400,
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message",
)
QUERY_TOO_OLD = (400, "Bad Request: query is too old and response timeout expired or query ID is invalid")


async def send(stage: Stage, **params: Any) -> tuple[int, int]:
    chat = await stage.greet()
    return chat, (await stage.do("sendMessage", chat_id=chat, text="Pick", **params))["message_id"]


def test_an_edit_without_markup_removes_the_keyboard() -> None:
    async def scenario(stage: Stage) -> None:
        chat, message = await send(stage, reply_markup=KEYBOARD)
        edited = await stage.do("editMessageText", chat_id=chat, message_id=message, text="Pick")
        assert "reply_markup" not in edited
        shown = (await stage.read(chat))["messages"][-1]
        assert (shown["edited"], shown["inline_keyboard"]) == (True, [])

    play(scenario)


def test_an_edit_that_changes_nothing_is_refused() -> None:
    async def scenario(stage: Stage) -> None:
        chat, message = await send(stage, reply_markup=KEYBOARD)
        same = {"chat_id": chat, "message_id": message, "text": "Pick", "reply_markup": KEYBOARD}
        assert await stage.fail("editMessageText", **same) == NOT_MODIFIED
        await stage.do("editMessageText", **{**same, "text": "<b>Pick</b>", "parse_mode": "HTML"})
        await stage.do("editMessageText", **{**same, "reply_markup": None})
        assert await stage.fail("editMessageReplyMarkup", chat_id=chat, message_id=message) == NOT_MODIFIED
        await stage.do("editMessageReplyMarkup", chat_id=chat, message_id=message, reply_markup=KEYBOARD)

    play(scenario)


def test_only_own_existing_messages_can_be_edited() -> None:
    async def scenario(stage: Stage) -> None:
        chat, message = await send(stage)
        unknown = (400, "Bad Request: message to edit not found")
        assert await stage.fail("editMessageText", chat_id=chat, message_id=99, text="y") == unknown
        assert await stage.fail("editMessageText", chat_id=chat, message_id=1, text="y") == (
            400,
            "Bad Request: message can't be edited",
        )
        assert await stage.fail("editMessageText", chat_id=chat, text="y") == (
            400,
            "Bad Request: message identifier is not specified",
        )
        await stage.do("deleteMessage", chat_id=chat, message_id=message)
        assert await stage.fail("editMessageText", chat_id=chat, message_id=message, text="y") == unknown

    play(scenario)


def test_a_message_with_a_reply_keyboard_cannot_be_edited() -> None:
    async def scenario(stage: Stage) -> None:
        chat, message = await send(stage, reply_markup={"keyboard": [["Yes"]]})
        assert (await stage.fail("editMessageText", chat_id=chat, message_id=message, text="y"))[1].endswith("can't be edited")

    play(scenario)


def test_an_edit_takes_inline_keyboards_only() -> None:
    async def scenario(stage: Stage) -> None:
        chat, message = await send(stage)
        markup = {"keyboard": [["Yes"]]}
        refusal = await stage.fail("editMessageText", chat_id=chat, message_id=message, text="y", reply_markup=markup)
        assert refusal == (400, "Bad Request: inline keyboard expected")

    play(scenario)


def test_text_and_caption_edits_fit_their_messages() -> None:
    async def scenario(stage: Stage) -> None:
        chat, text = await send(stage)
        document = (await stage.do("sendDocument", chat_id=chat, document="https://example.com/a.pdf"))["message_id"]
        assert "no text" in (await stage.fail("editMessageText", chat_id=chat, message_id=document, text="y"))[1]
        assert "no caption" in (await stage.fail("editMessageCaption", chat_id=chat, message_id=text, caption="y"))[1]
        edited = await stage.do("editMessageCaption", chat_id=chat, message_id=document, caption="y")
        assert edited["caption"] == "y"

    play(scenario)


def test_edits_use_up_the_chats_budget_unless_switched_off() -> None:
    async def scenario(stage: Stage) -> None:
        chat, message = await send(stage)
        for number in range(3):
            await stage.do("editMessageText", chat_id=chat, message_id=message, text=str(number))
        assert (await stage.fail("editMessageText", chat_id=chat, message_id=message, text="y"))[0] == 429
        stage.emulator.switches.edits_count = False
        await stage.do("editMessageText", chat_id=chat, message_id=message, text="y")

    play(scenario)


def test_own_messages_can_be_deleted_for_48_hours() -> None:
    async def scenario(stage: Stage) -> None:
        chat, first = await send(stage)
        second = (await stage.do("sendMessage", chat_id=chat, text="x"))["message_id"]
        stage.clock.advance(timedelta(hours=48))
        await stage.do("deleteMessage", chat_id=chat, message_id=first)
        stage.clock.advance(timedelta(seconds=1))
        assert await stage.fail("deleteMessage", chat_id=chat, message_id=second) == (
            400,
            "Bad Request: message can't be deleted",
        )
        assert await stage.fail("deleteMessage", chat_id=chat, message_id=99) == (400, "Bad Request: message to delete not found")

    play(scenario)


def test_others_messages_can_be_deleted_in_private_or_as_administrator() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.do("deleteMessage", chat_id=await stage.greet(), message_id=1)
        await stage.act("say", chat=GROUP, text="x")
        message = (await stage.read(GROUP))["messages"][-1]["message_id"]
        assert (await stage.fail("deleteMessage", chat_id=GROUP, message_id=message))[0] == 400
        await stage.act("group", chat=GROUP, status="administrator")
        await stage.do("deleteMessage", chat_id=GROUP, message_id=message)

    play(scenario)


async def tap(stage: Stage) -> str:
    _, message = await send(stage, reply_markup=KEYBOARD)
    await stage.hook_up()
    taken = len(stage.hook.arrivals)
    await stage.act("tap", message_id=message, row=0, column=0)
    updates = await stage.hook.wait_for(taken + 2)
    return str(next(update for update in updates if "callback_query" in update)["callback_query"]["id"])


@pytest.mark.parametrize(("seconds", "is_accepted"), [(14.9, True), (15, True), (15.1, False)])
def test_a_tap_can_be_answered_for_15_seconds(seconds: float, is_accepted: bool) -> None:
    async def scenario(stage: Stage) -> None:
        query = await tap(stage)
        stage.clock.advance(timedelta(seconds=seconds))
        answer = await stage.call("answerCallbackQuery", callback_query_id=query)
        assert answer["ok"] is is_accepted
        if not is_accepted:
            assert (answer["error_code"], answer["description"]) == QUERY_TOO_OLD

    play(scenario)


def test_an_answer_is_seen_as_a_toast() -> None:
    async def scenario(stage: Stage) -> None:
        query = await tap(stage)
        await stage.do("answerCallbackQuery", callback_query_id=query, text="t" * 200, show_alert=True)
        toast = (await stage.read(stage.mia))["toasts"][0]
        assert (toast["id"], toast["text"], toast["show_alert"], toast["person"]) == (query, "t" * 200, True, stage.mia)

    play(scenario)


def test_a_wrong_answer_is_refused() -> None:
    async def scenario(stage: Stage) -> None:
        query = await tap(stage)
        assert (await stage.fail("answerCallbackQuery", callback_query_id=query, text="t" * 201))[0] == 400
        assert await stage.fail("answerCallbackQuery", callback_query_id="1") == QUERY_TOO_OLD
        assert await stage.fail("answerCallbackQuery") == QUERY_TOO_OLD

    play(scenario)
