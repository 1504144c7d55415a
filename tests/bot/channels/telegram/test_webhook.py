import asyncio
from dataclasses import replace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channels.base import Arrival
from bot.channels.telegram import Telegram
from bot.channels.telegram.webhook import ALLOWED_UPDATES, WebhookState
from bot.conversation.contract import Commanded, Left, Said, SentOther, SharedContact, Tapped
from bot.errors import CallStaff, OutcomeUnknown, TryAgain
from tests.bot.channels.telegram.emulated import GROUP, LONGEST_WAIT, SECRET, Emulated, run_emulated

PUBLIC = "http://127.0.0.1:9/"
HOOK = "http://127.0.0.1:9/telegram/harbour"


class Door:
    """The webhook's route, as the application has it."""

    def __init__(self, channel: Telegram) -> None:
        self.channel = channel
        self.arrivals: list[Arrival] = []
        self.refused = 0

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.read()
        if not self.channel.is_authentic(body, request.headers):
            self.refused += 1
            return web.Response(status=401)
        self.arrivals += await self.channel.read(body)
        return web.Response()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/telegram/harbour", self.answer)
        return app


async def hear(emulated: Emulated, door: Door, *acts: tuple[str, dict[str, object]]) -> list[object]:
    """What arrives when somebody acts, through the door."""
    async with TestServer(door.app()) as server:
        await emulated.channel.register(str(server.make_url("/")))
        for verb, wish in acts:
            chat = str(wish.pop("chat", emulated.chat))
            answered = await emulated.ask("POST", f"1001/chats/{chat}/{verb}?wait=answered", {"person": emulated.person, **wish})
            assert answered.get("answered") is not False
    return [arrival.event.body for arrival in door.arrivals]


def test_what_a_person_does_arrives_through_the_webhook() -> None:
    async def scenario() -> None:
        async with run_emulated(starts=False) as emulated:
            heard = await hear(
                emulated,
                Door(emulated.channel),
                ("start", {"payload": "spring"}),
                ("say", {"text": "haircut 💇"}),
                ("contact", {}),
                ("contact", {"forwarded": True}),
                ("contact", {"without_user_id": True}),
                ("send", {"kind": "sticker"}),
                ("send", {"kind": "voice"}),
                ("tap", {"message_id": 1, "data": "forged"}),
                ("block", {}),
            )
            own, forwarded, bare = (body for body in heard if isinstance(body, SharedContact))
            assert (own.is_own, forwarded.is_own, bare.is_own) == (True, False, False)
            assert own.phone.lstrip("+") == "12125550142"
            rest = [body for body in heard if not isinstance(body, SharedContact | Tapped)]
            assert rest == [Commanded("start", "spring"), Said("haircut 💇"), SentOther("sticker"), SentOther("voice"), Left()]
            (tap,) = (body for body in heard if isinstance(body, Tapped))
            assert tap.step == ""
            assert tap.query

    asyncio.run(scenario())


def test_group_talk_passes_and_commands_for_the_bot_arrive() -> None:
    async def scenario() -> None:
        async with run_emulated() as emulated:
            await emulated.act("group", chat=GROUP, status="administrator")  # privacy mode no longer filters for us
            heard = await hear(
                emulated,
                Door(emulated.channel),
                ("say", {"chat": GROUP, "text": "lunch?"}),
                ("say", {"chat": GROUP, "text": "/today@harbour_demo_bot"}),
                ("say", {"chat": GROUP, "text": "/today@other_bot"}),
                ("say", {"chat": GROUP, "text": "/today", "anonymous": True}),
            )
            assert heard == [Commanded("start"), Commanded("today")]

    asyncio.run(scenario())


@pytest.mark.parametrize("how", ["no_secret", "wrong_secret"])
def test_a_delivery_without_the_secret_is_turned_away(how: str) -> None:
    async def scenario() -> None:
        async with run_emulated(starts=False) as emulated:
            await emulated.ask("PUT", "delivery", {how: True})
            door = Door(emulated.channel)
            async with TestServer(door.app()) as server:
                await emulated.channel.register(str(server.make_url("/")))
                await emulated.act("start")
                async with asyncio.timeout(LONGEST_WAIT):
                    while not (await emulated.channel.get_webhook()).last_error:
                        continue
                assert door.refused
                assert door.arrivals == []
                state = await emulated.channel.get_webhook()
                assert "401" in state.last_error
                assert state.last_error_at is not None
                assert state.last_error_at.tzinfo is not None
                assert await emulated.channel.register(str(server.make_url("/")))  # perhaps the secret had gone stale

    asyncio.run(scenario())


def test_registering_sets_what_is_missing_and_leaves_alone_what_is_right() -> None:
    async def scenario() -> None:
        async with run_emulated(starts=False) as emulated:
            assert (await emulated.channel.get_webhook()).url == ""
            assert await emulated.channel.register(PUBLIC)
            state = await emulated.channel.get_webhook()
            assert state == WebhookState(HOOK, frozenset(ALLOWED_UPDATES), pending=0)
            assert state.fits(HOOK)
            assert not await emulated.channel.register(PUBLIC)
            (call,) = await emulated.list_calls("setWebhook")
            assert call["params"]["secret_token"] == SECRET
            assert "drop_pending_updates" not in call["params"] or call["params"]["drop_pending_updates"] in (False, "false")

    asyncio.run(scenario())


def test_during_a_rotation_the_new_secret_is_registered_and_both_are_accepted() -> None:
    async def scenario() -> None:
        async with run_emulated() as emulated:
            await emulated.channel.register(PUBLIC)
            rotating = emulated.rebuild(webhook_secrets=("fresh", SECRET))
            assert await rotating.register(PUBLIC)
            assert (await emulated.list_calls("setWebhook"))[-1]["params"]["secret_token"] == "fresh"

    asyncio.run(scenario())


def test_being_told_to_wait_registering_waits() -> None:
    async def scenario() -> None:
        async with run_emulated() as emulated:
            await emulated.break_down("setWebhook", "rate_limit", seconds=1)
            assert await emulated.channel.register(PUBLIC)
            assert len(await emulated.list_calls("setWebhook")) == 2

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("kind", "status", "error"),
    [("refuse", 401, CallStaff), ("html", 0, OutcomeUnknown), ("rate_limit", 0, TryAgain), ("cut_after", 0, OutcomeUnknown)],
)
def test_setup_fails_with_errors_of_ours(kind: str, status: int, error: type[Exception]) -> None:
    async def scenario() -> None:
        async with run_emulated(username="") as emulated:
            await emulated.break_down("*", kind, times=99, status=status)
            for verb in (
                emulated.channel.identify(),
                emulated.channel.get_webhook(),
                emulated.channel.register(PUBLIC),
                emulated.channel.set_commands({"": {"menu": "Menu"}}),
            ):
                with pytest.raises(error):
                    await verb

    asyncio.run(scenario())


def test_commands_are_set_for_each_language_and_for_everyone_else() -> None:
    async def scenario() -> None:
        async with run_emulated() as emulated:
            await emulated.channel.set_commands({"": {"menu": "Menu"}, "pt-BR": {"menu": "Início"}})
            await emulated.channel.set_commands({"": {"today": "Today"}}, scope="groups")
            calls = [call["params"] for call in await emulated.list_calls("setMyCommands")]
            assert [(call["scope"], call.get("language_code", "")) for call in calls] == [
                ({"type": "all_private_chats"}, ""),
                ({"type": "all_private_chats"}, "pt"),
                ({"type": "all_group_chats"}, ""),
            ]

    asyncio.run(scenario())


def test_a_webhook_elsewhere_or_with_other_updates_does_not_fit() -> None:
    state = WebhookState(HOOK, frozenset(ALLOWED_UPDATES), pending=0)
    assert state.fits(HOOK)
    assert not state.fits(HOOK + "2")
    assert not replace(state, allowed_updates=frozenset(["message"])).fits(HOOK)
