import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot.sandbox.demo import write_demo_settings

WHATSAPP_STAFF = """
[[businesses.harbour.staff.chats]]
channel = "whatsapp"
chat_id = "12125550110"

[businesses.harbour.whatsapp]
phone_number_id = "1055"
access_token = "a"
app_secret = "s"
verify_token = "v"
"""


def run(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """`frontdesk …` as a shell would run it."""
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, cwd=folder)


def test_help_lists_every_command() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert [name for name in ("demo", "serve", "sandbox", "check", "graph") if f"\n  {name}" not in done.stdout] == []


@pytest.mark.parametrize("command", ["serve", "check"])
def test_settings_mistake_ends_with_two_and_no_traceback(command: str, tmp_path: Path) -> None:
    file = tmp_path / "frontdesk.toml"
    file.write_text("[server]\nprot = 1\n")
    done = run(command, "--config", str(file))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        f"{file}: server.prot: unknown key; did you mean port?",
        f"{file}: businesses: not set; expected at least one [businesses.<slug>]; a slug is 1 to 32 of a-z 0-9 _ -",
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("serve", "--role", "cook"),
        ("serve", "--processes", "0"),
        ("demo", "--vendor", "paper"),
        ("sandbox", "--port", "99999"),
        ("graph", "nowhere"),
        ("serve", "--config", "nowhere.toml"),
    ],
)
def test_wrong_use_ends_with_two(arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr


@pytest.mark.parametrize("command", ["demo", "sandbox", "serve"])
def test_port_in_use_is_named(command: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        config = write_demo_settings(tmp_path / "frontdesk.toml", "http://127.0.0.1:9", port=port)
        done = run(command, *(("--config", str(config)) if command == "serve" else ("--port", str(port))))
    assert done.returncode == 2
    assert f"port: found {port} on 127.0.0.1 (Address already in use); expected a free one" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["serve", "check"])
def test_what_is_not_supported_yet_is_said(tmp_path: Path, command: str) -> None:
    config = write_demo_settings(tmp_path / "frontdesk.toml", "http://127.0.0.1:9")
    config.write_text(config.read_text() + WHATSAPP_STAFF)
    done = run(command, "--config", str(config))
    assert done.returncode == 2
    assert done.stderr.startswith("businesses.harbour.staff.chats: WhatsApp is not supported for staff yet")


def test_sandbox_prints_the_credentials_it_accepts() -> None:
    command = [sys.executable, "-m", "bot", "sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("sandbox on http://127.0.0.1:"):
                break
        process.terminate()
    assert any("/zenoti" in line and line.endswith(": demo\n") for line in lines)
    assert any("/telegram" in line for line in lines)
    assert process.returncode == 0


def test_graph_draws_a_flow_as_mermaid() -> None:
    done = run("graph", "booking")
    assert done.returncode == 0
    assert "stateDiagram-v2" in done.stdout
