"""Wiring only.

redis_server   a real server for this test process, in a folder of its own
redis_url      its address, emptied before each test
The environment is free of FRONTDESK_ variables, and nothing connects to a host that is not this machine.
Tests that need the machine for themselves (a browser, processes to be killed) run one after the other.
"""

import ipaddress
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from redis import Redis

from bot.redisserver import RedisServer

# A busy machine is no failure: nothing here is judged by how long it takes.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

ALONE = ("browser", "faults")
"""Folders whose tests share one worker of `pytest -n --dist loadgroup`, where a test does not name its own group."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        if folder in ALONE and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(folder))


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    # Without fsync: a killed server loses nothing, only a machine without power would.
    with RedisServer(tmp_path_factory.mktemp("redis"), appendfsync="no") as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    with Redis.from_url(redis_server.url) as redis:
        redis.flushall()
    return redis_server.url


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("FRONTDESK_"):
            monkeypatch.delenv(name)


def _refuse_other_hosts(event: str, arguments: tuple[object, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if isinstance(host, str) and not _is_local(host):
        raise AssertionError(f"A test wanted to reach {host}. Point the setting at an emulator of bot/sandbox instead.")


def _is_local(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host in ("localhost", "")
    return address.is_loopback or address.is_unspecified


# An audit hook sees every library's sockets and needs nothing patched.
sys.addaudithook(_refuse_other_hosts)
