"""Redis comes back without its last writes, as after a power cut: what was booked before is found, not booked again."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

from bot.redisserver import RedisServer
from tests.journeys.talk import Customer, House, open_house


async def lead_to_summary(house: House) -> tuple[Customer, dict[str, Any]]:
    mia = await house.customer("Mia", phone="+351912345678")
    await mia.says("/start")
    for choice in ("Harbour", "Haircut", "Anyone", "First free", "Share my number"):
        await mia.taps(choice)
    await mia.reads("Book it?")
    return mia, await mia.button("Book ")


def take_back(server: RedisServer, folder: Path, older: Path) -> None:
    """The machine loses its power, and the disk has only what it had some time ago."""
    server.kill()
    for file in folder.iterdir():
        if file.name.startswith("appendonly"):
            shutil.rmtree(file) if file.is_dir() else file.unlink()
    for file in older.iterdir():
        if file.name.startswith("appendonly"):
            shutil.copytree(file, folder / file.name) if file.is_dir() else shutil.copy(file, folder)
    server.start()


def test_a_confirm_pressed_again_after_redis_lost_the_first_finds_what_that_made(tmp_path: Path) -> None:
    async def run() -> None:
        folder, older = tmp_path / "redis", tmp_path / "older"
        async with RedisServer(folder, appendfsync="always") as server, open_house(redis_url=server.url) as house:
            mia, button = await lead_to_summary(house)
            skip = shutil.ignore_patterns("*.sock", "lock")
            shutil.copytree(folder, older, ignore=skip)
            await house.forget_calls()
            await mia.taps_at(button)
            first = await mia.reads("Booked:")
            assert "guest_appointments" not in await house.vendor_calls(), "in normal life nobody looks first"
            await house.staff().reads("Booked:")
            await asyncio.to_thread(take_back, server, folder, older)
            await house.forget_calls()
            await mia.taps_at(button)
            await mia.until(
                lambda room: len([line for line in texts(room) if line.startswith("Booked:")]) == 2, "to be told again"
            )
            assert (await mia.lines())[-1].split(" with ")[0] == first.split(" with ")[0]
            calls = await house.vendor_calls()
            assert calls["guest_appointments"] == 1
            assert not {"draft", "reserve", "confirm"} & calls.keys()
            assert len(await house.appointments()) == 1

    def texts(room: dict[str, Any]) -> list[str]:
        return [message["text"] for message in room["messages"]]

    asyncio.run(run())


def test_after_a_restart_that_lost_nothing_others_book_as_ever(tmp_path: Path) -> None:
    async def run() -> None:
        async with RedisServer(tmp_path / "redis", appendfsync="always") as server, open_house(redis_url=server.url) as house:
            mia, button = await lead_to_summary(house)
            await asyncio.to_thread(server.restart)
            await mia.taps_at(button)
            await mia.reads("Booked:")
            assert len(await house.appointments()) == 1

    asyncio.run(run())
