from typing import Any

import pytest

from tests.bot.sandbox.telegram.stage import GROUP, Stage, play


async def receive(stage: Stage) -> list[dict[str, Any]]:
    """What the bot was offered since the last look."""
    updates: list[dict[str, Any]] = await stage.do("getUpdates")
    if updates:
        await stage.do("getUpdates", offset=updates[-1]["update_id"] + 1)
    return updates


async def receive_one(stage: Stage, kind: str = "message") -> dict[str, Any]:
    (update,) = await receive(stage)
    body: dict[str, Any] = update[kind]
    return body


def test_a_command_is_marked_and_text_is_trimmed() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.act("say", text=" /book@harbour_demo_bot now ")
        message = await receive_one(stage)
        assert message["text"] == "/book@harbour_demo_bot now"
        assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 22}]
        await stage.act("say", text="5/8")
        assert "entities" not in await receive_one(stage)

    play(scenario)


@pytest.mark.parametrize(
    ("payload", "text"),
    [("c" * 64, "/start " + "c" * 64), ("c" * 65, "/start"), ("a b", "/start"), ("", "/start")],
)
def test_a_deep_link_carries_only_a_proper_payload(payload: str, text: str) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.act("start", payload=payload)
        assert (await receive_one(stage))["text"] == text

    play(scenario)


def test_a_deep_link_into_a_group_names_the_bot() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.act("start", chat=GROUP, payload="code")
        assert (await receive_one(stage))["text"] == "/start@harbour_demo_bot code"

    play(scenario)


def test_left_out_names_are_missing() -> None:
    async def scenario(stage: Stage) -> None:
        status, person = await stage.ask("/people", {"first_name": "محمد"})
        assert status == 201
        await stage.act("say", person=person["id"], text="hi")
        assert (await receive_one(stage))["from"] == {"id": person["id"], "is_bot": False, "first_name": "محمد"}
        assert person["id"] > 2**32

    play(scenario)


def test_a_tap_by_place_sends_the_buttons_data() -> None:
    async def scenario(stage: Stage) -> None:
        chat = await stage.greet()
        keyboard = {
            "inline_keyboard": [
                [{"text": "A", "callback_data": "a"}],
                [{"text": "B", "callback_data": "b"}, {"text": "L", "url": "https://x.org"}],
            ]
        }
        message = await stage.do("sendMessage", chat_id=chat, text="Pick", reply_markup=keyboard)
        await receive(stage)
        await stage.act("tap", message_id=message["message_id"], row=1, column=0)
        query = await receive_one(stage, "callback_query")
        assert query["data"] == "b"
        assert query["from"]["id"] == stage.mia
        assert query["message"] == message
        assert (await stage.act("tap", message_id=message["message_id"], row=1, column=1))["url"] == "https://x.org"
        status, _ = await stage.ask(f"/1001/chats/{chat}/tap", {"person": chat, "message_id": message["message_id"], "row": 2})
        assert status == 409

    play(scenario)


def test_an_old_button_can_be_tapped_after_it_is_gone() -> None:
    async def scenario(stage: Stage) -> None:
        chat = await stage.greet()
        message = (await stage.do("sendMessage", chat_id=chat, text="Pick"))["message_id"]
        await receive(stage)
        await stage.act("tap", message_id=message, data="old")
        query = await receive_one(stage, "callback_query")
        assert (query["data"], query["message"]["text"]) == ("old", "Pick")
        for wish in ({"message_id": message, "data": "old", "inaccessible": True}, {"message_id": 99, "data": "old"}):
            await stage.act("tap", **wish)
            shown = (await receive_one(stage, "callback_query"))["message"]
            assert (shown["date"], shown["message_id"], "text" in shown) == (0, wish["message_id"], False)

    play(scenario)


def test_a_double_tap_is_two_queries() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.greet()
        await receive(stage)
        for _ in range(2):
            await stage.act("tap", message_id=1, data="x")
        one, two = await receive(stage)
        assert one["callback_query"]["id"] != two["callback_query"]["id"]

    play(scenario)


def test_another_member_of_a_group_can_tap() -> None:
    async def scenario(stage: Stage) -> None:
        message = (await stage.do("sendMessage", chat_id=GROUP, text="Card"))["message_id"]
        await stage.act("tap", chat=GROUP, person=stage.carlos, message_id=message, data="x")
        query = await receive_one(stage, "callback_query")
        assert (query["from"]["id"], query["message"]["chat"]["id"]) == (stage.carlos, GROUP)

    play(scenario)


def test_a_contact_says_whose_it_is() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.act("contact")
        message = await receive_one(stage)
        assert message["contact"] == {
            "phone_number": "12125550142",
            "first_name": "Mia",
            "last_name": "Walker",
            "user_id": stage.mia,
        }
        await stage.act("contact", of=stage.carlos)
        assert (await receive_one(stage))["contact"]["user_id"] == stage.carlos
        await stage.act("contact", without_user_id=True)
        assert "user_id" not in (await receive_one(stage))["contact"]
        await stage.act("contact", forwarded=True)
        assert "forward_origin" in await receive_one(stage)

    play(scenario)


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("sticker", "sticker"), ("voice", "voice"), ("photo", "photo"), ("location", "location"), ("video_note", "video_note"),
        ("document", "document"), ("live_location", "location"), ("venue", "venue"), ("unknown", "hologram"), ("poll", "poll"),
        ("dice", "dice"), ("video", "video"), ("audio", "audio"), ("animation", "animation"), ("story", "story"),
    ],
)  # fmt: skip
def test_anything_can_be_sent(kind: str, field: str) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.act("send", kind=kind)
        message = await receive_one(stage)
        assert field in message
        assert "text" not in message
        assert (await stage.read(stage.mia))["messages"][0]["kind"] == kind

    play(scenario)


def test_captions_albums_and_places_are_kept() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.act("send", kind="photo", caption="this cut", media_group_id="7")
        message = await receive_one(stage)
        assert (message["caption"], message["media_group_id"]) == ("this cut", "7")
        await stage.act("send", kind="location", latitude=1, longitude=2)
        assert (await receive_one(stage))["location"] == {"latitude": 1, "longitude": 2}

    play(scenario)


def test_an_edit_arrives_as_one() -> None:
    async def scenario(stage: Stage) -> None:
        chat = await stage.greet()
        await stage.do("sendMessage", chat_id=chat, text="hello")
        await receive(stage)
        await stage.act("edit", message_id=1, text="changed")
        message = await receive_one(stage, "edited_message")
        assert (message["text"], "edit_date" in message) == ("changed", True)
        status, _ = await stage.ask(f"/1001/chats/{chat}/edit", {"person": chat, "message_id": 2, "text": "x"})
        assert status == 409

    play(scenario)


def test_blocking_is_told_and_stops_the_person_too() -> None:
    async def scenario(stage: Stage) -> None:
        chat = await stage.greet()
        await receive(stage)
        await stage.act("block")
        change = await receive_one(stage, "my_chat_member")
        assert (change["old_chat_member"]["status"], change["new_chat_member"]["status"]) == ("member", "kicked")
        assert (await stage.ask(f"/1001/chats/{chat}/say", {"person": chat, "text": "x"}))[0] == 409
        await stage.act("unblock")
        change = await receive_one(stage, "my_chat_member")
        assert (change["old_chat_member"]["status"], change["new_chat_member"]["status"]) == ("kicked", "member")
        await stage.act("say", text="back")

    play(scenario)


@pytest.mark.parametrize(
    ("text", "is_visible"),
    [
        ("chatter", False),
        ("/today", True),
        ("/today@harbour_demo_bot", True),
        ("/today@HARBOUR_demo_bot", True),
        ("/today@other_bot", False),
    ],
)
def test_privacy_mode_hides_chatter(text: str, is_visible: bool) -> None:
    async def scenario(stage: Stage) -> None:
        await stage.act("say", chat=GROUP, text=text)
        assert bool(await receive(stage)) is is_visible
        stage.emulator.switches.privacy_mode = False
        await stage.act("say", chat=GROUP, text=text)
        assert await receive(stage)

    play(scenario)


def test_replies_to_the_bot_are_visible_and_replies_to_people_are_not() -> None:
    async def scenario(stage: Stage) -> None:
        card = (await stage.do("sendMessage", chat_id=GROUP, text="Card"))["message_id"]
        await stage.act("say", chat=GROUP, text="ill today", reply_to=card)
        message = await receive_one(stage)
        assert message["reply_to_message"]["text"] == "Card"
        await stage.act("say", chat=GROUP, text="oh no", reply_to=message["message_id"])
        assert await receive(stage) == []

    play(scenario)


def test_a_bare_command_belongs_to_the_bot_that_spoke_last() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.act("group", chat=GROUP, other_bot_spoke=True)
        await stage.act("say", chat=GROUP, text="/today")
        assert await receive(stage) == []
        await stage.do("sendMessage", chat_id=GROUP, text="me again")
        await stage.act("say", chat=GROUP, text="/today")
        assert len(await receive(stage)) == 1

    play(scenario)


def test_an_administrator_sees_everything_and_a_lost_member_nothing() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.act("group", chat=GROUP, status="administrator")
        assert (await receive_one(stage, "my_chat_member"))["new_chat_member"]["status"] == "administrator"
        await stage.act("say", chat=GROUP, text="chatter")
        assert await receive(stage)
        await stage.act("group", chat=GROUP, status="kicked")
        await receive(stage)
        await stage.act("say", chat=GROUP, text="/today")
        assert await receive(stage) == []

    play(scenario)


def test_an_anonymous_administrator_hides_behind_the_group() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.act("say", chat=GROUP, text="/today", anonymous=True)
        message = await receive_one(stage)
        assert message["from"]["username"] == "GroupAnonymousBot"
        assert message["sender_chat"]["id"] == GROUP

    play(scenario)


def test_a_topic_and_another_bots_mark_travel_along() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.act("say", chat=GROUP, text="/today", thread=7)
        assert (await receive_one(stage))["message_thread_id"] == 7
        await stage.act("say", text="gif", via_other_bot=True, forwarded=True)
        message = await receive_one(stage)
        assert message["via_bot"]["is_bot"]
        assert "forward_origin" in message

    play(scenario)


def test_a_one_time_keyboard_folds_away_when_used() -> None:
    async def scenario(stage: Stage) -> None:
        chat = await stage.greet()
        keyboard = {"keyboard": [["Yes", "No"]], "one_time_keyboard": True}
        await stage.do("sendMessage", chat_id=chat, text="?", reply_markup=keyboard)
        await stage.act("say", text="maybe")
        assert (await stage.read(chat))["reply_keyboard"]
        await stage.act("say", text="Yes")
        assert (await stage.read(chat))["reply_keyboard"] is None

    play(scenario)


@pytest.mark.parametrize(
    ("what", "wish", "status"),
    [
        ("say", {"text": ""}, 409),
        ("say", {"text": "x" * 4097}, 409),
        ("say", {}, 400),
        ("say", {"text": "x", "person": 7}, 404),
        ("say", {"text": "x", "loud": True}, 400),
        ("send", {"kind": "smell"}, 409),
        ("edit", {"message_id": 9, "text": "x"}, 409),
        ("tap", {"message_id": 9}, 409),
        ("group", {"status": "kicked"}, 409),
        ("migrate", {}, 409),
    ],
)
def test_what_no_client_could_do_is_refused(what: str, wish: dict[str, Any], status: int) -> None:
    async def scenario(stage: Stage) -> None:
        chat = await stage.greet()
        answered, body = await stage.ask(f"/1001/chats/{chat}/{what}", {"person": chat, **wish})
        assert (answered, "error" in body) == (status, True)

    play(scenario)


def test_nobody_writes_in_anothers_private_chat() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.greet()
        assert (await stage.ask(f"/1001/chats/{stage.mia}/say", {"person": stage.carlos, "text": "x"}))[0] == 409
        assert (await stage.ask("/1001/chats/-5/say", {"person": stage.carlos, "text": "x"}))[0] == 404
        assert (await stage.ask(f"/1009/chats/{stage.mia}/say", {"person": stage.mia, "text": "x"}))[0] == 404

    play(scenario)


def test_a_raw_update_arrives_as_given() -> None:
    async def scenario(stage: Stage) -> None:
        raw = {"update_id": 7, "teleport": {"chat": {"id": 3}, "from": {"id": 4}, "new": [1, None]}}
        assert (await stage.ask("/1001/updates", raw))[1] == {"update_id": 7}
        assert await stage.do("getUpdates") == [raw]
        assert (await stage.ask("/1001/updates", {"message": {"text": "x"}}))[1]["update_id"] > 7
        assert (await stage.ask("/1001/updates", {"update_id": 7}))[0] == 409
        assert (await stage.ask("/1001/updates", [1]))[0] == 409

    play(scenario)
