import asyncio
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from bot.errors import SettingsError
from bot.redisclient import connect
from bot.redisserver import RedisServer, find_server

OWNER = """
import sys
from pathlib import Path
from bot.redisserver import RedisServer

server = RedisServer(Path(sys.argv[1]))
server.start()
print(server.url, flush=True)
sys.stdin.read()
"""


def test_server_answers_with_the_promised_settings(tmp_path: Path) -> None:
    async def scenario() -> dict[bytes, bytes]:
        async with RedisServer(tmp_path) as server, connect(server.url) as redis:
            answers = [await redis.execute_command("CONFIG", "GET", name) for name in names]
            return {answer[0]: answer[1] for answer in answers}

    names = ("port", "appendonly", "appendfsync", "save", "maxmemory-policy", "dir")
    assert asyncio.run(scenario()) == {
        b"port": b"0",
        b"appendonly": b"yes",
        b"appendfsync": b"always",
        b"save": b"",
        b"maxmemory-policy": b"noeviction",
        b"dir": os.fsencode(tmp_path),
    }


def test_what_was_written_survives_a_kill(tmp_path: Path) -> None:
    async def scenario() -> object:
        async with RedisServer(tmp_path) as server:
            async with connect(server.url) as redis:
                await redis.set("key", "value")
            server.restart()
            async with connect(server.url) as redis:
                return await redis.get("key")

    assert asyncio.run(scenario()) == b"value"


def test_killed_server_is_away_until_started(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with RedisServer(tmp_path) as server, connect(server.url) as redis:
            server.kill()
            with pytest.raises(RedisConnectionError):
                await redis.ping()
            server.start()
            assert await redis.ping()

    asyncio.run(scenario())


def test_data_is_there_at_the_next_start(tmp_path: Path) -> None:
    async def write() -> None:
        async with RedisServer(tmp_path) as server, connect(server.url) as redis:
            await redis.set("key", "value")

    async def read() -> object:
        async with RedisServer(tmp_path) as server, connect(server.url) as redis:
            return await redis.get("key")

    asyncio.run(write())
    assert asyncio.run(read()) == b"value"


def test_long_folder_gets_a_short_socket_path(tmp_path: Path) -> None:
    folder = tmp_path / ("a folder % " * 12)

    async def scenario() -> None:
        async with RedisServer(folder) as server, connect(server.url) as redis:
            assert await redis.ping()
            assert str(folder) not in server.url
            assert (folder / "redis.log").exists()

    asyncio.run(scenario())


def test_odd_characters_in_the_folder_are_no_trouble(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with RedisServer(tmp_path / "a %20 ü ?") as server, connect(server.url) as redis:
            assert await redis.ping()

    asyncio.run(scenario())


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM])
def test_server_does_not_outlive_its_owner(tmp_path: Path, sent: signal.Signals) -> None:
    owner = _start_owner(tmp_path)
    owner.send_signal(sent)
    owner.communicate()

    with RedisServer(tmp_path):  # waits until the first server has given the folder back
        pass


def test_second_server_in_a_folder_is_refused(tmp_path: Path) -> None:
    with RedisServer(tmp_path), pytest.raises(SettingsError, match="in use by another frontdesk"):
        RedisServer(tmp_path, patience=timedelta()).start()


def test_folder_stays_taken_while_the_old_server_runs_on(tmp_path: Path) -> None:
    owner = _start_owner(tmp_path)
    guard, server = sorted(psutil.Process(owner.pid).children(), key=lambda child: "redis" in child.name())
    guard.kill()
    owner.kill()
    owner.communicate()
    try:
        with pytest.raises(SettingsError, match="in use by another frontdesk"):
            RedisServer(tmp_path, patience=timedelta()).start()
    finally:
        server.kill()


def test_folder_of_a_newer_server_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _put_on_path("redis-server", tmp_path, monkeypatch, script="echo Redis server v=6.2.14 sha=0")
    (tmp_path / "data" / "appendonlydir").mkdir(parents=True)
    with pytest.raises(SettingsError, match="written by Redis 7 or newer"):
        RedisServer(tmp_path / "data").start()


def test_server_that_cannot_start_is_reported_with_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _put_on_path("redis-server", tmp_path, monkeypatch, script="exit 1")
    with pytest.raises(SettingsError, match=r"did not start in .*; see .*redis\.log"):
        RedisServer(tmp_path / "data").start()


def test_valkey_on_the_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _put_on_path("redis-server", tmp_path, monkeypatch)
    valkey = _put_on_path("valkey-server", tmp_path, monkeypatch)
    assert find_server() == valkey


def test_lost_answer_is_not_asked_for_again() -> None:
    async def scenario() -> int:
        received = 0

        async def answer_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal received
            while data := await reader.read(4096):
                if b"INCR" in data:
                    received += 1
                    break
                writer.write(b"+OK\r\n" * data.count(b"CLIENT") + b"+PONG\r\n" * data.count(b"PING"))
            writer.close()

        server = await asyncio.start_server(answer_nothing, "127.0.0.1", 0)
        async with server, connect(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}") as redis:
            with pytest.raises(RedisConnectionError):
                await redis.incr("key")
        return received

    assert asyncio.run(scenario()) == 1


def _start_owner(folder: Path) -> subprocess.Popen[bytes]:
    """A process that has started a server in `folder` and waits."""
    owner = subprocess.Popen([sys.executable, "-c", OWNER, folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert owner.stdout is not None
    assert owner.stdout.readline().startswith(b"unix://")
    return owner


def _put_on_path(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch, *, script: str = "exit 1") -> Path:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return program
