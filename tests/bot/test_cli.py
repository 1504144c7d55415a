import subprocess
import sys
from pathlib import Path

import pytest


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
        ("demo", "--vendor", "setster", "--port", "0"),
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


def test_graph_draws_a_flow_as_mermaid() -> None:
    done = run("graph", "booking")
    assert done.returncode == 0
    assert "stateDiagram-v2" in done.stdout
