from typing import Any

import pytest

from tests.bot.sandbox.telegram.stage import GROUP, Stage, play


def test_get_me_names_the_bot() -> None:
    async def scenario(stage: Stage) -> None:
        me = await stage.do("getMe")
        assert (me["id"], me["is_bot"], me["username"], me["can_read_all_group_messages"]) == (
            1001,
            True,
            "harbour_demo_bot",
            False,
        )

    play(scenario)


def test_a_chat_and_its_members_can_be_looked_up() -> None:
    async def scenario(stage: Stage) -> None:
        assert (await stage.do("getChat", chat_id=GROUP))["title"] == "Harbour front desk"
        assert (await stage.do("getChatMember", chat_id=GROUP, user_id=1001))["status"] == "member"
        assert (await stage.do("getChatMember", chat_id=GROUP, user_id=stage.mia))["user"]["first_name"] == "Mia"
        assert (await stage.fail("getChatMember", chat_id=GROUP, user_id=5))[0] == 400
        await stage.act("group", chat=GROUP, status="kicked")
        assert (await stage.fail("getChat", chat_id=GROUP))[0] == 403

    play(scenario)


def command(name: str = "start", description: str = "Begin") -> dict[str, str]:
    return {"command": name, "description": description}


@pytest.mark.parametrize(
    ("commands", "is_accepted"),
    [
        ([], True),
        ([command("c" * 32)], True),
        ([command("c" * 33)], False),
        ([command("")], False),
        ([command("Start")], False),
        ([command(description="d")], True),
        ([command(description="d" * 256)], True),
        ([command(description="d" * 257)], False),
        ([command(description="")], False),
        ([command(f"c{number}") for number in range(100)], True),
        ([command(f"c{number}") for number in range(101)], False),
        (["start"], False),
        ({}, False),
    ],
)
def test_commands_keep_their_limits(commands: Any, is_accepted: bool) -> None:
    async def scenario(stage: Stage) -> None:
        assert (await stage.call("setMyCommands", commands=commands))["ok"] is is_accepted

    play(scenario)


def test_commands_are_kept_by_scope_and_language() -> None:
    async def scenario(stage: Stage) -> None:
        private = {"type": "all_private_chats"}
        await stage.do("setMyCommands", commands=[command("menu")], scope=private, language_code="es")
        assert await stage.do("getMyCommands", scope=private, language_code="es") == [command("menu")]
        assert await stage.do("getMyCommands", scope=private) == []
        await stage.do("deleteMyCommands", scope=private, language_code="es")
        assert await stage.do("getMyCommands", scope=private, language_code="es") == []
        assert (await stage.fail("setMyCommands", commands=[], scope={"type": "moon"}))[0] == 400

    play(scenario)
