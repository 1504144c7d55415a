from bot.sandbox.telegram.messages import LONGEST_TEXT
from tests.bot.sandbox.telegram.stage import GROUP, TOKEN, Stage, play


def test_bots_and_their_groups_are_listed() -> None:
    async def scenario(stage: Stage) -> None:
        _, bots = await stage.ask("/bots", method="GET")
        assert [(bot["id"], bot["username"], bot["business"]) for bot in bots] == [
            (1001, "harbour_demo_bot", "harbour"),
            (1002, "clinic_demo_bot", "clinic"),
        ]
        assert [(group["id"], group["title"]) for bot in bots for group in bot["groups"]] == [
            (-1001001, "Harbour front desk"),
            (-1001002, "Brooklyn front desk"),
            (-1001003, "Bandra front desk"),
            (-1001004, "Riverside front desk"),
        ]
        assert bots[0]["token"] == TOKEN

    play(scenario)


def test_every_group_has_somebody_at_its_desk() -> None:
    async def scenario(stage: Stage) -> None:
        _, people = await stage.ask("/people", method="GET")
        assert [(person["first_name"], person["language_code"]) for person in people[:2]] == [("Mia", "en"), ("Carlos", "es")]
        assert {person["staff_of"] for person in people} == {None, -1001001, -1001002, -1001003, -1001004}

    play(scenario)


def test_a_chat_shows_what_was_said_by_whom() -> None:
    async def scenario(stage: Stage) -> None:
        chat = await stage.greet()
        keyboard = {"inline_keyboard": [[{"text": "Go", "callback_data": "x", "style": "primary"}]]}
        await stage.do("sendMessage", chat_id=chat, text="<i>Hi</i>", parse_mode="HTML", reply_markup=keyboard)
        room = await stage.read(chat)
        assert room["chat"]["title"] == "Mia Walker"
        mine, its = room["messages"]
        assert (mine["from_bot"], mine["sender_name"], mine["text"], mine["kind"]) == (False, "Mia Walker", "/start", "text")
        assert (its["from_bot"], its["sender_name"], its["text"], its["edited"]) == (True, "Harbour Studio", "Hi", False)
        assert its["date"] == stage.clock.now().isoformat()
        assert its["entities"] == [{"type": "italic", "offset": 0, "length": 2}]
        assert its["inline_keyboard"] == [[{"text": "Go", "style": "primary", "url": None, "data": "x"}]]
        _, chats = await stage.ask("/1001/chats", method="GET")
        assert [one["id"] for one in chats] == [-1001001, -1001002, -1001003, chat]

    play(scenario)


def test_a_person_who_never_wrote_has_an_empty_chat() -> None:
    async def scenario(stage: Stage) -> None:
        room = await stage.read(stage.carlos)
        assert (room["messages"], room["version"], room["reply_keyboard"]) == ([], 0, None)
        assert (await stage.fail("sendMessage", chat_id=stage.carlos, text="x"))[0] == 403

    play(scenario)


def test_a_version_grows_with_every_change() -> None:
    async def scenario(stage: Stage) -> None:
        chat = await stage.greet()
        seen = [(await stage.read(chat))["version"]]
        message = (await stage.do("sendMessage", chat_id=chat, text="x"))["message_id"]
        seen.append((await stage.read(chat))["version"])
        await stage.do("editMessageText", chat_id=chat, message_id=message, text="y")
        seen.append((await stage.read(chat))["version"])
        await stage.do("deleteMessage", chat_id=chat, message_id=message)
        seen.append((await stage.read(chat))["version"])
        assert seen == sorted(set(seen))

    play(scenario)


def test_calls_are_counted_and_kept() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.do("sendMessage", chat_id=str(GROUP), text="x", reply_markup='{"inline_keyboard":[]}')
        await stage.fail("sendMessage", chat_id=GROUP, text="x" * (LONGEST_TEXT + 1))
        await stage.do("getMe")
        _, calls = await stage.ask("/calls", method="GET")
        assert (calls["total"], calls["by_operation"]) == (3, {"sendMessage": 2, "getMe": 1})
        good, bad, _ = calls["log"]
        assert (good["method"], good["chat_id"], good["ok"], good["status"], good["bot"]) == (
            "sendMessage",
            GROUP,
            True,
            200,
            1001,
        )
        assert good["params"]["reply_markup"] == {"inline_keyboard": []}
        assert good["at"] == stage.clock.now().isoformat()
        assert (bad["ok"], bad["status"], bad["description"]) == (False, 400, "Bad Request: message is too long")
        await stage.ask("/calls", method="DELETE")
        assert (await stage.ask("/calls", method="GET"))[1] == {"total": 0, "by_operation": {}, "log": []}

    play(scenario)


def test_switches_and_delivery_change_only_what_is_named() -> None:
    async def scenario(stage: Stage) -> None:
        for path, name, value in (("/switches", "strict_flood", True), ("/delivery", "duplicates", 2)):
            _, before = await stage.ask(path, method="GET")
            status, after = await stage.ask(path, {name: value}, method="PUT")
            assert (status, after) == (200, {**before, name: value})
            for wrong in ({name: "much"}, {"unknown": 1}, [1], {name: -1}):
                assert (await stage.ask(path, wrong, method="PUT"))[0] == 400
            assert (await stage.ask(path, method="GET"))[1] == after

    play(scenario)


def test_faults_have_their_routes() -> None:
    async def scenario(stage: Stage) -> None:
        assert (await stage.ask("/faults", {"operation": "getMe", "kind": "refuse", "status": 503}))[0] == 201
        assert await stage.fail("getMe") == (503, "Service Unavailable")
        await stage.do("getMe")

    play(scenario)


def test_a_file_is_never_shown_inline() -> None:
    async def scenario(stage: Stage) -> None:
        message = await stage.do("sendDocument", chat_id=GROUP, document="https://example.com/a.pdf")
        async with stage.client.get(f"/control/telegram/1001/files/{message['document']['file_id']}") as response:
            assert response.headers["Content-Disposition"] == "attachment"
        assert (await stage.ask("/1001/files/none", method="GET"))[0] == 404

    play(scenario)
