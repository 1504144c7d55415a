"""Nothing private is written: a bot at its most talkative books, fails and is misused, and its words are looked through."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from bot.inbox.keys import keys_of
from bot.redisserver import RedisServer
from bot.sandbox.telegram.demo import CLINIC_TOKEN, HARBOUR_TOKEN
from bot.sandbox.zenoti.demo import KEY_HARBOUR_SECOND
from tests.faults.process import find_port
from tests.journeys.talk import Customer, open_sandbox, wait_until
from tests.security.attempts import HEADER
from tests.security.child import run_command
from tests.security.leaks import Private, find_leaks
from tests.security.lodge import ALL_SECRETS, HARBOUR_SECRET, Lodge, open_lodge, write_settings

PHONES = ("+351912345678", "+351934567890", "+14155550132")
NAMES = ("Quintessa", "Nightingale", "Bartholomew", "Featherstone")
LINES = ("I am allergic to peroxide", "mein Zahn tut weh")
PRIVATE = Private(secrets=ALL_SECRETS, phones=PHONES, words=[*NAMES, *LINES])


TROUBLE: dict[str, dict[str, Any]] = {
    "Haircut": {"kind": "refuse", "status": 500},
    "Manicure": {"kind": "refuse", "status": 401},
    "Pedicure": {"kind": "slow_before", "seconds": 4},
    "Blow-dry": {"kind": "rate_limit", "seconds": 1},
}
"""What the booking system does when somebody asks for the times of a service."""


async def book(lodge: Lodge, first_name: str, last_name: str, phone: str) -> Customer:
    """Up to the tap on "Book"."""
    customer = await lodge.house.customer(first_name, last_name=last_name, phone=phone)
    await customer.says("/start")
    for choice in ("Harbour", "Swedish", "Anyone", "First free"):
        await customer.taps(choice)
    await customer.taps("Share my number")
    await customer.says(LINES[0])
    await customer.taps("Book ")
    return customer


async def fault_zenoti(lodge: Lodge, *kinds: dict[str, Any]) -> None:
    for kind in kinds:
        await lodge.house.control("POST", "/zenoti/faults", **kind)


def test_a_talkative_bot_in_trouble_writes_nothing_private() -> None:
    async def scenario() -> None:
        async with open_lodge(vendor_timeout=3.0) as lodge:
            await go_through_trouble(lodge)
            metrics = await read_metrics(lodge)
            letters = await show_dead(lodge)
            log = lodge.child.read_log()
        assert find_leaks(letters, PRIVATE) == []
        assert find_leaks(log, PRIVATE) == []
        assert find_leaks(metrics, PRIVATE) == []
        # The trouble was there, and was told.
        for part in (
            "OutcomeUnknown",
            "TryAgain",
            "status 401",
            "turn failed",
            "unreadable telegram delivery",
            "redis.",
            "DEBUG",
        ):
            assert part in log, f"{part} is not in\n{log}"
        assert "frontdesk_turns_total" in metrics

    asyncio.run(scenario())


async def go_through_trouble(lodge: Lodge) -> None:
    house = lodge.house
    mia = await book(lodge, NAMES[0], NAMES[1], PHONES[0])
    await mia.reads("Booked:")
    # The booking system: HTML, nonsense, its own words, silence, a key it does not know.
    await fault_zenoti(lodge, {"operation": "confirm", "kind": "html"}, {"operation": "slots", "kind": "truncate"})
    ben = await book(lodge, NAMES[2], NAMES[3], PHONES[1])
    await ben.reads("Booked:")
    for service, fault in TROUBLE.items():
        await fault_zenoti(lodge, {"operation": "draft", "times": 3, **fault})
        await ben.says("/start")
        await ben.taps("Brooklyn")
        await ben.taps(service)
        if "With whom" in await ben.reads(""):
            await ben.taps("Anyone")
            await ben.reads("")
        await house.control("DELETE", "/zenoti/faults")
    # Telegram: refusals that quote what was sent, an account that is no more, answers that get lost.
    refusals: tuple[dict[str, Any], ...] = ({"kind": "refuse", "status": 400}, {"kind": "cut_after"}, {"kind": "html"})
    for fault in refusals:
        await house.control("POST", "/telegram/faults", operation="sendMessage", **fault)
        await ben.says(LINES[1], at_once=True)
    await ben.says("/start", at_once=True)
    await wait_until_said(ben, "Where would you like to come?")
    await poison(lodge)
    await misuse(lodge)
    await asyncio.to_thread(lodge.server.restart)
    await asyncio.to_thread(lodge.server.kill)
    assert await post(lodge, b'{"update_id": 99, "message": {"chat": {"id": 1}, "from": {"id": 1}, "text": "hi"}}') == 503
    await wait_until_logged(lodge, "redis.")
    await asyncio.to_thread(lodge.server.start)
    await ben.says("/start", at_once=True)
    await wait_until_said(ben, "Good to see you again")
    await house.control("POST", "/telegram/faults", operation="sendMessage", kind="refuse", status=401)
    await ben.says(LINES[1], at_once=True)
    await wait_until_logged(lodge, "account refused")


async def wait_until_said(customer: Customer, part: str) -> None:
    async def is_said() -> bool:
        return any(part in line for line in await customer.lines())

    await wait_until(is_said, part)


async def poison(lodge: Lodge) -> None:
    """An event that no version of ours has written, with somebody's words in it."""
    keys = keys_of("harbour:telegram:4242")
    event = f'{{"body": {{"kind": "said", "txt": "{LINES[0]}"}}, "person": "{NAMES[0]} {PHONES[0]}"}}'
    await lodge.redis.rpush(keys.inbox, event)
    await lodge.redis.zadd(keys.partition.due, {keys.id: 0})
    await wait_until_logged(lodge, "turn failed")


async def wait_until_logged(lodge: Lodge, part: str) -> None:
    async def is_logged() -> bool:
        return part in lodge.child.read_log()

    await wait_until(is_logged, f"{part} in the log")


async def misuse(lodge: Lodge) -> None:
    """Deliveries that cannot be read, proved and not."""
    for body in (b"{", f'{{"update_id": "{NAMES[0]} {PHONES[0]}"}}'.encode(), f'{{"{LINES[0]}": {HARBOUR_SECRET}'.encode()):
        assert await post(lodge, body) == 200
        assert await post(lodge, body, secret=HARBOUR_SECRET + "x") == 401


async def post(lodge: Lodge, body: bytes, *, secret: str = HARBOUR_SECRET) -> int:
    url = f"http://127.0.0.1:{lodge.child.port}/telegram/harbour"
    async with lodge.house.session.post(url, data=body, headers={HEADER: secret}) as answer:
        return answer.status


async def show_dead(lodge: Lodge) -> str:
    """What an operator is shown of what was given up on, without asking for more."""
    code, listed = await run_command("dead", "list", "--config", str(lodge.config))
    assert code == 0, listed
    ids = [line.split()[0] for line in listed.splitlines()[1:]]
    assert ids
    shown = [await run_command("dead", "show", ident, "--config", str(lodge.config)) for ident in ids]
    return "\n".join([listed, *(text for _, text in shown)])


async def read_metrics(lodge: Lodge) -> str:
    async with lodge.house.session.get(f"http://127.0.0.1:{lodge.child.port}/metrics") as answer:
        return await answer.text()


BOTH = ("check", "serve")
MISTAKES = {
    "a blank in a secret": (f'"{HARBOUR_SECRET}"', f'"{HARBOUR_SECRET} "', BOTH),
    "a key of another name": ("api_key = ", "api_kye = ", BOTH),
    "a list for a token": (f'token = "{HARBOUR_TOKEN}"', f'token = ["{HARBOUR_TOKEN}"]', BOTH),
    "no end of a text": (f'token = "{HARBOUR_TOKEN}"', f'token = "{HARBOUR_TOKEN}', BOTH),
    "no text": (f'token = "{HARBOUR_TOKEN}"', f"token = {HARBOUR_TOKEN}", BOTH),
    "a token twice": (f'token = "{HARBOUR_TOKEN}"', f'token = "{HARBOUR_TOKEN}"\ntoken = "{HARBOUR_TOKEN}"', BOTH),
    "the other's token": (CLINIC_TOKEN, HARBOUR_TOKEN, BOTH),
    "a secret for a number": ("lease_seconds = 20.0", f'max_connections = "{HARBOUR_SECRET}"', BOTH),
    "a login in an address": ("/zenoti", f"/zenoti?key={HARBOUR_SECRET}", ("check",)),
    "a token Telegram does not know": (HARBOUR_TOKEN, HARBOUR_TOKEN + "x", ("check",)),
    "a key Zenoti does not know": (KEY_HARBOUR_SECOND, KEY_HARBOUR_SECOND + "x", ("check",)),
    "no such host": ("http://127.0.0.1", f"http://{HARBOUR_SECRET}.invalid", ("check",)),
    "a Redis that is away": ('url = "unix://', f'url = "unix://:{HARBOUR_SECRET}@', ("check",)),
}


@pytest.mark.parametrize(("found", "wrong", "commands"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_the_settings_is_told_without_a_secret(
    tmp_path: Path, found: str, wrong: str, commands: tuple[str, ...]
) -> None:
    async def scenario() -> None:
        async with open_sandbox() as (_, url), RedisServer(tmp_path / "redis", appendfsync="no") as server:
            file = write_settings(tmp_path, url, server.url, port=find_port())
            text = file.read_text(encoding="utf-8")
            assert found in text
            file.write_text(text.replace(found, wrong), encoding="utf-8")
            for command in commands:
                async with asyncio.timeout(60):
                    code, said = await run_command("--log-level", "debug", command, "--config", str(file))
                assert code in (1, 2), said
                assert said
                assert find_leaks(said, PRIVATE) == []
                assert "Traceback" not in said

    asyncio.run(scenario())


def test_a_check_that_succeeds_shows_no_secret(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with open_sandbox() as (_, url), RedisServer(tmp_path / "redis", appendfsync="no") as server:
            file = write_settings(tmp_path, url, server.url, port=find_port())
            text = file.read_text(encoding="utf-8").replace("[server]", '[server]\npublic_url = "https://desk.example"', 1)
            file.write_text(text.replace(f'"{HARBOUR_TOKEN}"', '"env:BOT"').replace("[redis]", "[redis]", 1), encoding="utf-8")
            environ = {**os.environ, "BOT": HARBOUR_TOKEN}
            for arguments in (("--fix",), ()):
                code, said = await run_command(
                    "--log-level", "debug", "check", "--config", str(file), *arguments, environ=environ
                )
                assert code == 0, said
                assert find_leaks(said, PRIVATE) == []

    asyncio.run(scenario())


def test_a_value_of_the_environment_is_not_shown_when_it_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "frontdesk.toml"
    write_settings(tmp_path, "http://127.0.0.1:1", "redis://127.0.0.1:1", port=0)
    file.write_text(file.read_text(encoding="utf-8").replace(f'"{HARBOUR_SECRET}"', '"env:HOOK"'), encoding="utf-8")
    environ = {**os.environ, "HOOK": f"{HARBOUR_SECRET}\n"}
    code, said = asyncio.run(run_command("check", "--config", str(file), environ=environ))
    assert code == 2
    assert "env:HOOK" in said
    assert find_leaks(said, PRIVATE) == []
