import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from redis import Redis

from bot.checking import COMMANDS, run_check
from bot.inbox.keys import PARTITION_KEYS
from bot.redisserver import RedisServer
from bot.sandbox.demo import write_demo_settings
from bot.sandbox.schedly.sign_in import CLIENT_ID, CLIENT_SECRET, REFRESH_TOKENS
from bot.sandbox.server import Sandbox
from bot.sandbox.telegram.demo import HARBOUR_TOKEN
from bot.sandbox.zenoti.demo import KEY_HARBOUR
from bot.settings import Settings, load_settings
from tests.journeys.talk import open_house

PUBLIC = "https://desk.example.com"


@asynccontextmanager
async def open_sandbox() -> AsyncIterator[str]:
    async with TestServer(Sandbox().app()) as server:
        yield f"http://127.0.0.1:{server.port}"


def write_settings(folder: Path, sandbox: str, *, redis_url: str, public_url: str = PUBLIC, vendor: str = "zenoti") -> Path:
    file = write_demo_settings(folder / "frontdesk.toml", sandbox, redis_url=redis_url, vendor=vendor)
    file.write_text(file.read_text().replace("[server]", f'[server]\npublic_url = "{public_url}"'))
    return file


async def check(settings: Settings, *, fix: bool = False) -> tuple[int, list[str]]:
    lines: list[str] = []
    return await run_check(settings, fix=fix, say=lines.append), lines


async def read_commands(sandbox: str, language: str) -> dict[str, str]:
    """What the emulated Telegram lists for people who speak the language."""
    wish = {"scope": {"type": "all_private_chats"}, "language_code": language}
    async with (
        ClientSession() as session,
        session.post(f"{sandbox}/telegram/bot{HARBOUR_TOKEN}/getMyCommands", json=wish) as answer,
    ):
        return {row["command"]: row["description"] for row in (await answer.json())["result"]}


def test_fix_registers_what_is_missing_and_all_is_well(tmp_path: Path, redis_url: str) -> None:
    async def scenario() -> None:
        async with open_sandbox() as sandbox:
            settings = load_settings(write_settings(tmp_path, sandbox, redis_url=redis_url), {})
            code, before = await check(settings)
            assert code == 1
            assert "FAIL  harbour telegram: the webhook is not registered; run check --fix" in before
            assert (await check(settings, fix=True))[0] == 0
            code, after = await check(settings)
            assert code == 0
            assert f"ok    harbour telegram: webhook at {PUBLIC}/telegram/harbour" in after
            assert "ok    harbour zenoti: 3 locations" in after
            assert [line for line in after if line.startswith("FAIL")] == []
            commands = await read_commands(sandbox, "es")
            assert list(commands) == list(COMMANDS)
            assert commands["book"] == "Reservar una cita"

    asyncio.run(scenario())


def test_webhook_of_another_server_is_reported(tmp_path: Path, redis_url: str) -> None:
    async def scenario() -> None:
        async with open_sandbox() as sandbox:
            old = load_settings(write_settings(tmp_path, sandbox, redis_url=redis_url, public_url="https://old.example.com"), {})
            await check(old, fix=True)
            code, lines = await check(load_settings(write_settings(tmp_path, sandbox, redis_url=redis_url), {}))
            assert code == 1
            assert "FAIL  harbour telegram: the webhook is at https://old.example.com/telegram/harbour; run check --fix" in lines

    asyncio.run(scenario())


def test_wrong_keys_are_reported_and_never_shown(tmp_path: Path, redis_url: str) -> None:
    async def scenario() -> None:
        async with open_sandbox() as sandbox:
            file = write_settings(tmp_path, sandbox, redis_url=redis_url)
            wrong = file.read_text().replace(KEY_HARBOUR, "s3cret").replace(HARBOUR_TOKEN, "1:s3cret")
            file.write_text(wrong)
            code, lines = await check(load_settings(file, {}))
            assert code == 1
            failed = [line.split(":")[0] for line in lines if line.startswith("FAIL")]
            assert {"FAIL  harbour zenoti", "FAIL  harbour telegram"} <= set(failed)
            assert "s3cret" not in "".join(lines)

    asyncio.run(scenario())


def test_location_that_the_vendor_does_not_have_is_reported(tmp_path: Path, redis_url: str) -> None:
    async def scenario() -> None:
        async with open_sandbox() as sandbox:
            file = write_settings(tmp_path, sandbox, redis_url=redis_url)
            zones = "[businesses.harbour.vendor.time_zones]"
            file.write_text(file.read_text().replace(zones, f'{zones}\nnowhere = "Europe/Lisbon"'))
            code, lines = await check(load_settings(file, {}))
            assert code == 1
            assert "FAIL  harbour zenoti: has no location nowhere, named in time_zones" in lines

    asyncio.run(scenario())


def test_redis_that_does_not_answer_is_reported(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with open_sandbox() as sandbox:
            file = write_settings(tmp_path, sandbox, redis_url=f"unix://{tmp_path}/nowhere.sock")
            code, lines = await check(load_settings(file, {}))
            assert code == 1
            assert "FAIL  redis: does not answer (ConnectionError)" in lines

    asyncio.run(scenario())


def test_redis_of_our_own_is_tried_while_the_bot_may_run(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with open_sandbox() as sandbox:
            _, lines = await check(load_settings(write_settings(tmp_path, sandbox, redis_url=""), {}))
            assert any(line.startswith("ok    redis: ") and line.endswith(f"of our own in {tmp_path}/data") for line in lines)
            assert not (tmp_path / "data").exists()

    asyncio.run(scenario())


def test_dead_letters_are_reported_also_those_in_the_redis_of_a_running_bot(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with open_sandbox() as sandbox, RedisServer(tmp_path / "data" / "redis", appendfsync="no") as server:
            with Redis.from_url(server.url) as redis:
                for partition in PARTITION_KEYS[:3]:
                    redis.xadd(partition.dead, {"kind": "event"})
            settings = load_settings(write_settings(tmp_path, sandbox, redis_url=""), {})
            code, lines = await check(settings, fix=True)
            assert code == 0
            assert "warn  redis: 3 dead letters; see frontdesk dead list" in lines

    asyncio.run(scenario())


def test_webhook_without_public_address_is_reported(tmp_path: Path, redis_url: str) -> None:
    async def scenario() -> None:
        async with open_sandbox() as sandbox:
            code, lines = await check(load_settings(write_settings(tmp_path, sandbox, redis_url=redis_url, public_url=""), {}))
            assert code == 1
            assert any("server.public_url is not set" in line for line in lines)

    asyncio.run(scenario())


def sign_in_by_oauth(file: Path) -> None:
    oauth = f'client_id = "{CLIENT_ID}"\nclient_secret = "{CLIENT_SECRET}"\n'
    text = file.read_text()
    for key, token in REFRESH_TOKENS.items():
        text = text.replace(f'api_key = "{key}"\n', f'{oauth}refresh_token = "{token}"\n')
    file.write_text(text)


def test_a_checked_sign_in_is_not_used_up(tmp_path: Path) -> None:
    """A refresh token dies with its use: what a check was handed instead must be there for the next one, and for the bot."""

    async def scenario() -> None:
        async with open_sandbox() as sandbox:
            file = write_settings(tmp_path, sandbox, redis_url="", vendor="schedly")
            sign_in_by_oauth(file)
            settings = load_settings(file, {})
            for _ in range(3):
                _, lines = await check(settings, fix=True)
                assert [line for line in lines if line.startswith("FAIL")] == []
                assert "ok    harbour schedly: 3 locations" in lines
                assert [line for line in lines if "OAuth without an api_key" in line]
            async with RedisServer(tmp_path / "data" / "redis"):  # as a running bot has it
                code, lines = await check(settings)
                assert (code, "ok    clinic schedly: 1 locations" in lines) == (0, True)

    asyncio.run(scenario())


def test_what_a_schedly_account_lacks_is_said(tmp_path: Path, redis_url: str) -> None:
    async def scenario() -> None:
        async with open_sandbox() as sandbox:
            file = write_settings(tmp_path, sandbox, redis_url=redis_url, vendor="schedly")
            code, lines = await check(load_settings(file, {}), fix=True)
            assert code == 0
            assert [line for line in lines if line.startswith("warn  harbour schedly")] == []
            file.write_text(file.read_text().replace('api_key = "demo"', 'api_key = "s3cret"'))
            code, lines = await check(load_settings(file, {}))
            assert (code, "FAIL  harbour schedly: schedly.locations status 401" in lines) == (1, True)

    asyncio.run(scenario())


def test_a_whatsapp_number_is_checked_and_pointed_at_the_running_bot() -> None:
    async def scenario() -> None:
        async with open_house(channel="whatsapp") as house:
            assert house.settings is not None
            assert house.running is not None
            here = f"http://127.0.0.1:{house.running.port}"
            code, lines = await check(move(house.settings, here))
            assert f"ok    harbour whatsapp: webhook at {here}/whatsapp/harbour" in lines
            code, lines = await check(move(house.settings, PUBLIC))
            assert code == 1
            assert any(line.startswith("FAIL  harbour whatsapp: the webhook is at http://127") for line in lines)
            # Nobody answers there: the handshake fails, and the webhook stays.
            code, lines = await check(move(house.settings, "http://127.0.0.1:9"), fix=True)
            assert any(line.startswith("FAIL  harbour whatsapp: whatsapp.number") for line in lines)

    asyncio.run(scenario())


def move(settings: Settings, public_url: str) -> Settings:
    return settings.model_copy(update={"server": settings.server.model_copy(update={"public_url": public_url})})
