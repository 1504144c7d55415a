"""Starts bots by the hundred: imports the bot once and forks, so that a start costs hundredths of a second, not a whole one.

A process of its own (`python -m tests.faults.nursery`), told what to start by one line of JSON on standard input for each:
{"config": path, "role": "web" | "worker", "log": path, "shift": path}. It answers with the process ids, one line each, and
first of all with one line that says under which digests Redis knows the scripts. When its input ends, so do its children.

What runs in a child is `run_bot`, the same as behind `frontdesk serve`; only its clock is ours: the seconds in the file
`shift` are added to the machine's time.
"""

import asyncio
import gc
import logging
import mmap
import os
import random
import select
import signal
import struct
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from prometheus_client import CollectorRegistry

from bot.app import run_bot
from bot.inbox.script import Scripts
from bot.logs import set_up_logging
from bot.redisclient import connect
from bot.settings import load_settings

SCRIPTS = ("enqueue", "claim", "commit", "sent", "renew", "release")
SHIFT = struct.Struct("d")


def main() -> None:
    scripts = Scripts(connect("unix:///nowhere"), CollectorRegistry())
    _say({"scripts": {name: scripts.sha_of(name) for name in SCRIPTS}})
    gc.collect()
    gc.freeze()
    children: set[int] = set()
    rest = b""
    while True:
        if select.select([0], [], [], 0.2)[0]:
            chunk = os.read(0, 65536)
            if not chunk:
                break
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                pid = _fork(orjson.loads(line))
                children.add(pid)
                _say({"pid": pid})
        _bury(children)
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def _bury(children: set[int]) -> None:
    while children:
        pid, _ = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        children.discard(pid)


def _say(what: dict[str, Any]) -> None:
    os.write(1, orjson.dumps(what) + b"\n")


def _fork(wish: dict[str, str]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        _become(wish)
        code = 0
    except BaseException:
        logging.getLogger("frontdesk").exception("ended")
    finally:
        os._exit(code)


def _become(wish: dict[str, str]) -> None:
    random.seed()
    nothing = os.open(os.devnull, os.O_RDONLY)
    log = os.open(wish["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    set_up_logging("warning")
    asyncio.run(_serve(wish))


async def _serve(wish: dict[str, str]) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    settings = load_settings(Path(wish["config"]), {})
    role: Any = wish["role"]
    async with run_bot(settings, role=role, now=_read_shifted(Path(wish["shift"]))):
        await ended.wait()


def _read_shifted(file: Path) -> Callable[[], datetime]:
    """The machine's time and what the file says on top of it, whenever it says it."""
    with file.open("rb") as opened:
        seconds = mmap.mmap(opened.fileno(), SHIFT.size, access=mmap.ACCESS_READ)
    return lambda: datetime.now(UTC) + timedelta(seconds=SHIFT.unpack(seconds[:])[0])


if __name__ == "__main__":
    sys.stdout.flush()
    main()
