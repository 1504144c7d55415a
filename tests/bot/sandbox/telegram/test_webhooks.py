import asyncio
from datetime import timedelta
from typing import Any

import pytest

from tests.bot.sandbox.telegram.stage import Stage, play, until

URL = "https://desk.example.com/telegram/harbour"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://desk.example.com/x", ""),
        ("https://desk.example.com:443/x", ""),
        ("https://desk.example.com:80/x", ""),
        ("https://desk.example.com:88/x", ""),
        ("https://desk.example.com:8443/x", ""),
        ("https://desk.example.com:8080/x", "Webhook can be set up only on ports 80, 88, 443 or 8443"),
        ("http://desk.example.com/x", "An HTTPS URL must be provided for webhook"),
        ("https://127.0.0.1/x", "IP address 127.0.0.1 is reserved"),
        ("https://localhost/x", "IP address localhost is reserved"),
        ("ftp://desk.example.com/x", "invalid URL specified"),
        ("https://:443/", "invalid URL specified"),
        ("https://desk.example.com:port/", "invalid URL specified"),
    ],
)
def test_a_public_webhook_is_https_on_four_ports(url: str, reason: str) -> None:
    async def scenario(stage: Stage) -> None:
        stage.emulator.switches.local_mode = False
        answer = await stage.call("setWebhook", url=url)
        assert answer["description"] == (f"Bad Request: bad webhook: {reason}" if reason else "Webhook was set")

    play(scenario)


def test_a_local_server_takes_http_on_any_port() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.do("setWebhook", url="http://bot:8080/telegram/harbour", max_connections=100_000)

    play(scenario)


@pytest.mark.parametrize(
    ("params", "is_accepted"),
    [
        ({"secret_token": "aZ0_-" + "s" * 251}, True),
        ({"secret_token": "s" * 257}, False),
        ({"secret_token": "a b"}, False),
        ({"secret_token": "é"}, False),
        ({"max_connections": 1}, True),
        ({"max_connections": "100"}, True),
        ({"max_connections": 0}, False),
        ({"max_connections": 101}, False),
        ({"max_connections": "many"}, False),
        ({"allowed_updates": '["message"'}, False),
        ({"allowed_updates": {"message": 1}}, False),
    ],
)
def test_the_parameters_keep_their_limits(params: dict[str, Any], is_accepted: bool) -> None:
    async def scenario(stage: Stage) -> None:
        stage.emulator.switches.local_mode = False
        assert (await stage.call("setWebhook", url=URL, **params))["ok"] is is_accepted

    play(scenario)


def test_allowed_updates_are_kept_when_left_out_and_cleared_by_an_empty_list() -> None:
    async def scenario(stage: Stage) -> None:
        async def allow(url: str, **params: Any) -> Any:
            stage.clock.advance(timedelta(seconds=1))
            await stage.do("setWebhook", url=url, **params)
            return (await stage.do("getWebhookInfo")).get("allowed_updates")

        assert await allow(f"{URL}/1", allowed_updates=["message", "telepathy"]) == ["message"]
        assert await allow(f"{URL}/2") == ["message"]
        assert await allow(f"{URL}/3", allowed_updates="[]") is None

    play(scenario)


def test_webhooks_are_set_once_a_second_unless_they_are_the_same() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.do("setWebhook", url=URL)
        assert (await stage.call("setWebhook", url=URL))["description"] == "Webhook is already set"
        assert await stage.fail("setWebhook", url=f"{URL}/2") == (429, "Too Many Requests: retry after 1")
        stage.clock.advance(timedelta(seconds=1))
        await stage.do("setWebhook", url=f"{URL}/2")

    play(scenario)


def test_the_info_shows_what_waits_and_what_went_wrong() -> None:
    async def scenario(stage: Stage) -> None:
        stage.emulator.delivery.paused = True
        await stage.hook_up(max_connections=7, ip_address="203.0.113.7")
        await stage.greet()
        info = await stage.do("getWebhookInfo")
        assert (info["url"], info["pending_update_count"], info["max_connections"]) == (stage.hook_url, 1, 7)
        assert info["ip_address"] == "203.0.113.7"
        assert "last_error_date" not in info
        stage.hook.refusals["/start"] = (2, {})
        stage.emulator.delivery.paused = False
        await until(lambda: stage.failures == 2)
        info = await stage.do("getWebhookInfo")
        assert info["last_error_message"] == "Wrong response from the webhook: 500 Internal Server Error"
        assert info["last_error_date"] == int(stage.clock.now().timestamp())

    play(scenario)


def test_a_deleted_webhook_keeps_what_is_pending_unless_told() -> None:
    async def scenario(stage: Stage) -> None:
        stage.emulator.delivery.paused = True
        await stage.hook_up()
        await stage.greet()
        assert (await stage.call("deleteWebhook"))["description"] == "Webhook was deleted"
        assert (await stage.do("getWebhookInfo"))["pending_update_count"] == 1
        assert (await stage.call("setWebhook", url="", drop_pending_updates="true"))[
            "description"
        ] == "Webhook is already deleted"
        assert await stage.do("getWebhookInfo") == {"url": "", "has_custom_certificate": False, "pending_update_count": 0}

    play(scenario)


def test_polling_hands_out_updates_until_their_offset_is_passed() -> None:
    async def scenario(stage: Stage) -> None:
        for text in ("one", "two", "three"):
            await stage.act("say", text=text)
        first = await stage.do("getUpdates", limit=2)
        assert [update["message"]["text"] for update in first] == ["one", "two"]
        assert await stage.do("getUpdates", limit=2) == first
        rest = await stage.do("getUpdates", offset=first[-1]["update_id"] + 1)
        assert [update["message"]["text"] for update in rest] == ["three"]
        assert await stage.do("getUpdates", offset=rest[-1]["update_id"] + 1) == []

    play(scenario)


def test_a_negative_offset_forgets_all_but_the_newest() -> None:
    async def scenario(stage: Stage) -> None:
        for text in ("one", "two", "three"):
            await stage.act("say", text=text)
        assert [update["message"]["text"] for update in await stage.do("getUpdates", offset=-1)] == ["three"]
        assert len(await stage.do("getUpdates")) == 1

    play(scenario)


def test_a_long_poll_ends_with_the_first_update() -> None:
    async def scenario(stage: Stage) -> None:
        poll = asyncio.create_task(stage.do("getUpdates", timeout=30))
        await _until_polling(stage)
        await stage.act("say", text="hello")
        assert [update["message"]["text"] for update in await poll] == ["hello"]

    play(scenario)


def test_a_second_poller_and_a_webhook_end_the_first() -> None:
    async def scenario(stage: Stage) -> None:
        first = asyncio.create_task(stage.fail("getUpdates", timeout=30))
        await _until_polling(stage)
        second = asyncio.create_task(stage.fail("getUpdates", timeout=30))
        status, description = await first
        assert (status, "terminated by other getUpdates request" in description) == (409, True)
        await _until_polling(stage)
        await stage.hook_up()
        assert (await second)[0] == 409
        status, description = await stage.fail("getUpdates")
        assert (status, "while webhook is active" in description) == (409, True)

    play(scenario)


def test_polled_updates_expire() -> None:
    async def scenario(stage: Stage) -> None:
        await stage.act("say", text="hello")
        await stage.act("tap", message_id=1, data="x")
        stage.clock.advance(timedelta(seconds=149))
        assert len(await stage.do("getUpdates")) == 2
        stage.clock.advance(timedelta(seconds=1))
        assert ["message" in update for update in await stage.do("getUpdates")] == [True]
        stage.clock.advance(timedelta(hours=24))
        assert await stage.do("getUpdates") == []

    play(scenario)


def test_polling_filters_by_kind() -> None:
    async def scenario(stage: Stage) -> None:
        assert await stage.do("getUpdates", allowed_updates=["callback_query"]) == []
        assert (await stage.act("say", text="hello"))["update_id"] is None
        assert (await stage.act("tap", message_id=1, data="x"))["update_id"]

    play(scenario)


async def _until_polling(stage: Stage) -> None:
    await until(lambda: stage.emulator.platform.accounts[1001].poller)
