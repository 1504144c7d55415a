"""`frontdesk dead` as an operator uses it: lines, exit codes, and nothing about a customer unless asked for."""

import asyncio
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from redis import Redis

from bot.channels.base import Button, Message
from bot.conversation.codec import encode_event, encode_letter
from bot.conversation.contract import Event, Person, Said
from bot.inbox.keys import Conversation, keys_of
from bot.redisserver import RedisServer
from bot.sandbox.demo import write_demo_settings

MIA = Conversation("harbour", "telegram", "5550123")
SPOKEN = encode_event(Event(Said("call me on +351 912 345 678\x1b[2J"), Person("5550123", "Mia Chen", "en")))
UPDATE = {
    "update_id": 77,
    "message": {
        "message_id": 1,
        "date": 1,
        "chat": {"id": 5550123, "type": "private"},
        "from": {"id": 5550123, "is_bot": False, "first_name": "Mia"},
        "text": "hello",
    },
}


@pytest.fixture
def config(tmp_path: Path, redis_url: str) -> Path:
    return write_demo_settings(tmp_path / "frontdesk.toml", "http://127.0.0.1:9", redis_url=redis_url)


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        yield client


def bury(redis: Redis, kind: str, body: bytes, *, reason: str = "poison", where: Conversation = MIA) -> str:
    """The letter's id."""
    stream = keys_of(where.id).partition.dead
    entry = redis.xadd(stream, {"conversation": where.id, "kind": kind, "reason": reason, "error": "KeyError", "body": body})
    assert isinstance(entry, bytes)
    return f"{stream.removeprefix('{fd').partition('}')[0]}-{entry.decode()}"


def dead(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot", "dead", *arguments, "--config", str(config)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_no_letters_are_said_to_be_none(config: Path) -> None:
    done = dead(config, "list")
    assert (done.returncode, done.stdout, done.stderr) == (0, "no dead letters\n", "")


def test_the_list_says_when_where_and_why_and_nothing_about_anybody(config: Path, redis: Redis) -> None:
    letter = bury(redis, "event", SPOKEN)
    bury(redis, "body", b"{", reason="unreadable", where=MIA._replace(business="clinic", chat=""))
    done = dead(config, "list")
    assert done.returncode == 0
    head, first, second = done.stdout.splitlines()
    assert head.split() == ["ID", "WHEN", "BUSINESS", "CHANNEL", "KIND", "REASON"]
    assert re.fullmatch(rf"{letter} +\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC +harbour +telegram +event +poison", first)
    assert second.split()[-4:] == ["clinic", "telegram", "body", "unreadable"]
    assert not {"5550123", "Mia", "351", "call"} & set(re.findall(r"\w+", done.stdout))


def test_the_list_says_how_many_it_leaves_out(config: Path, redis: Redis) -> None:
    for _ in range(3):
        bury(redis, "event", SPOKEN)
    done = dead(config, "list", "--most", "1")
    assert len(done.stdout.splitlines()) == 3
    assert done.stdout.splitlines()[-1] == "2 older ones are not shown; --most shows more"


def test_show_tells_what_happened_and_hides_who_and_what_was_said(config: Path, redis: Redis) -> None:
    done = dead(config, "show", bury(redis, "event", SPOKEN))
    assert done.returncode == 0
    assert "error     KeyError" in done.stdout
    assert '"kind": "said"' in done.stdout
    assert '"text": "<31 characters>"' in done.stdout
    assert not [word for word in ("5550123", "Mia", "912") if word in done.stdout]
    assert "--reveal shows them" in done.stdout


def test_show_hides_what_stands_in_a_message(config: Path, redis: Redis) -> None:
    message = Message("Booked for Mia", ((Button("Rui at 17:00", "time", "2026-11-21T17:00"),),))
    done = dead(config, "show", bury(redis, "message", encode_letter(message)))
    assert '"step": "time"' in done.stdout
    assert not [word for word in ("Mia", "Rui") if word in done.stdout]


@pytest.mark.parametrize("body", [b"\xff\x00 no json", b"[[[[", b"7", b"1 \xff", b""])
def test_show_hides_a_body_of_any_shape(config: Path, redis: Redis, body: bytes) -> None:
    done = dead(config, "show", bury(redis, "body", body, reason="unreadable"))
    assert done.returncode == 0
    assert "no json" not in done.stdout


def test_reveal_shows_everything_and_nothing_that_a_terminal_obeys(config: Path, redis: Redis) -> None:
    done = dead(config, "show", bury(redis, "event", SPOKEN), "--reveal")
    assert "chat      5550123" in done.stdout
    assert "Mia Chen" in done.stdout
    assert "call me on +351 912 345 678" in done.stdout
    assert "\x1b" not in done.stdout


def test_replay_puts_back_once_and_says_so_the_second_time(config: Path, redis: Redis) -> None:
    letter = bury(redis, "event", SPOKEN)
    first, second = dead(config, "replay", letter), dead(config, "replay", letter)
    assert (first.returncode, first.stdout) == (0, f"{letter} is worked on again, after what waits for this customer now\n")
    assert (second.returncode, second.stdout) == (1, f"{letter} was replayed already\n")
    assert redis.lrange(keys_of(MIA.id).inbox, 0, -1) == [SPOKEN]
    assert redis.zscore(keys_of(MIA.id).partition.due, MIA.id) is not None
    assert dead(config, "show", letter).stdout == f"{letter} was replayed already\n"


def test_a_body_that_can_be_read_by_now_is_taken_in_and_no_letter_any_more(config: Path, redis: Redis) -> None:
    letter = bury(redis, "body", orjson.dumps(UPDATE), reason="unreadable", where=MIA._replace(chat=""))
    done = dead(config, "replay", letter)
    assert (done.returncode, done.stdout) == (
        0,
        f"{letter} can be read now: 1 events, each worked on unless it came again meanwhile\n",
    )
    assert redis.llen(keys_of(MIA.id).inbox) == 1
    assert dead(config, "replay", letter).returncode == 1
    assert redis.llen(keys_of(MIA.id).inbox) == 1


def test_a_body_that_still_cannot_be_read_stays_a_letter(config: Path, redis: Redis) -> None:
    letter = bury(redis, "body", b"{", reason="unreadable", where=MIA._replace(chat=""))
    done = dead(config, "replay", letter)
    assert (done.returncode, done.stdout) == (1, f"{letter} still cannot be read by this version\n")
    assert dead(config, "drop", letter).returncode == 0


def test_a_session_is_not_put_back_over_a_conversation_that_went_on(config: Path, redis: Redis) -> None:
    letter = bury(redis, "session", b"9 {}", reason="version")
    done = dead(config, "replay", letter)
    assert done.returncode == 1
    assert "the conversation went on without this session" in done.stdout


def test_drop_forgets_and_a_second_drop_finds_nothing(config: Path, redis: Redis) -> None:
    letter = bury(redis, "event", SPOKEN)
    first, second = dead(config, "drop", letter), dead(config, "drop", letter)
    assert (first.returncode, first.stdout) == (0, f"{letter} dropped\n")
    assert (second.returncode, second.stdout) == (1, f"no dead letter {letter}\n")


@pytest.mark.parametrize("verb", ["show", "replay", "drop"])
def test_a_mistyped_id_is_wrong_use(config: Path, verb: str) -> None:
    done = dead(config, verb, "yesterday's")
    assert done.returncode == 2
    assert done.stderr == "ID: found yesterday's; expected an id as frontdesk dead list shows it\n"


def test_a_settings_mistake_ends_with_two_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "frontdesk.toml").write_text("[server]\nprot = 1\n")
    done = dead(tmp_path / "frontdesk.toml", "list")
    assert done.returncode == 2
    assert "server.prot: unknown key; did you mean port?" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_redis_that_is_away_is_said_so(tmp_path: Path) -> None:
    config = write_demo_settings(tmp_path / "frontdesk.toml", "http://127.0.0.1:9", redis_url="redis://127.0.0.1:9/0")
    done = dead(config, "list")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("redis: does not answer (")


def test_the_redis_of_a_running_bot_is_found_wherever_its_socket_is(tmp_path: Path) -> None:
    async def look(folder: Path) -> str:
        config = write_demo_settings(folder / "frontdesk.toml", "http://127.0.0.1:9")
        async with RedisServer(folder / "data" / "redis", appendfsync="no") as server:
            with Redis.from_url(server.url) as client:
                bury(client, "event", SPOKEN)
            while_running = await asyncio.to_thread(dead, config, "list")
        assert while_running.returncode == 0, while_running.stderr
        after = await asyncio.to_thread(dead, config, "list")
        assert after.stdout == while_running.stdout
        return while_running.stdout

    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    for folder in (Path(tempfile.mkdtemp(dir=tmp_path)), deep):
        assert "poison" in asyncio.run(look(folder))


def test_a_bot_that_never_ran_has_no_redis_to_look_into(tmp_path: Path) -> None:
    config = write_demo_settings(tmp_path / "frontdesk.toml", "http://127.0.0.1:9")
    done = dead(config, "list")
    assert done.returncode == 2
    assert "found no Redis in" in done.stderr
    assert not (tmp_path / "data").exists()
