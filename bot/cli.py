"""The command line: demo, serve, sandbox, check, graph, dead. Exit codes: 0 done, 1 a check failed, 2 wrong use or settings."""

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from bot.errors import SettingsError
from bot.logs import set_up_logging

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.letters import Undertaker

WRONG_USE = 2

_config = click.option(
    "--config", type=click.Path(path_type=Path), default=Path("frontdesk.toml"), show_default=True, help="The settings."
)
_port = click.IntRange(0, 65535)
_host = click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")

# What a command needs is imported when it runs: `--help` and a mistyped option should not wait for it.


def main() -> None:
    """Run a command; a mistake in the settings is told without a traceback."""
    try:
        frontdesk()
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(WRONG_USE)
    except Exception:  # Python itself would print the error's words, whomever they quote
        logging.getLogger("frontdesk").exception("ended by a mistake of ours")
        sys.exit(1)


@click.group()
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]), default="info", show_default=True)
def frontdesk(log_level: str) -> None:
    """Customers book, move and cancel appointments inside Telegram."""
    set_up_logging(log_level)


@frontdesk.command()
@_host
@click.option("--port", type=_port, default=8080, show_default=True, help="Where the demo page is served.")
@click.option(
    "--vendor",
    type=click.Choice(["zenoti", "schedly", "setster", "whautomate"]),
    default="zenoti",
    show_default=True,
    help="The booking system that is emulated.",
)
def demo(host: str, port: int, *, vendor: str) -> None:
    """Try the bot in a browser: emulated Telegram and booking system, no account anywhere."""
    from bot.serving import run_demo

    asyncio.run(run_demo(host=host, port=port, vendor=vendor, say=click.echo))


@frontdesk.command()
@_config
@click.option("--role", type=click.Choice(["all", "web", "worker"]), default="all", show_default=True, help="What it does.")
@click.option("--processes", type=click.IntRange(1, 64), default=1, show_default=True, help="How many of it.")
def serve(config: Path, role: Literal["all", "web", "worker"], processes: int) -> None:
    """Run the bot for real, until SIGINT or SIGTERM."""
    from bot.processes import Child, run_processes
    from bot.serving import run_serve
    from bot.settings import load_settings

    child = Child.read(os.environ)
    settings = load_settings(config, os.environ)
    if child is not None:
        asyncio.run(child.run(settings, role=role, say=click.echo))
    elif processes == 1:
        asyncio.run(run_serve(settings, role=role, shares_port=False, say=click.echo))
    else:
        sys.exit(asyncio.run(run_processes(settings, processes)))


@frontdesk.command()
@_host
@click.option("--port", type=_port, default=9000, show_default=True, help="Where every emulator is served under its prefix.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another seed, another salon.")
def sandbox(host: str, port: int, *, seed: int) -> None:
    """Run only the emulators."""
    from bot.serving import run_sandbox

    asyncio.run(run_sandbox(host=host, port=port, seed=seed, say=click.echo))


@frontdesk.command()
@_config
@click.option("--fix", is_flag=True, help="Register webhooks and commands.")
def check(config: Path, *, fix: bool) -> None:
    """Say, line by line, whether everything would work."""
    from bot.checking import run_check
    from bot.settings import load_settings

    sys.exit(asyncio.run(run_check(load_settings(config, os.environ), fix=fix, say=click.echo)))


@frontdesk.group()
def dead() -> None:
    """What the bot gave up on: look at it, put it back, drop it."""


@dead.command(name="list")
@_config
@click.option("--most", type=click.IntRange(1), default=100, show_default=True, help="How many, the newest.")
def list_dead(config: Path, most: int) -> None:
    """One line each: id, time, business, channel, kind, reason. Nothing about customers."""
    _run_dead(config, lambda undertaker: undertaker.list_all(most=most))


@dead.command(name="show")
@click.argument("letter", metavar="ID")
@_config
@click.option("--reveal", is_flag=True, help="Also names, numbers and texts of customers.")
def show_dead(letter: str, config: Path, *, reveal: bool) -> None:
    """All that is known of one."""
    _run_dead(config, lambda undertaker: undertaker.show(letter, reveal=reveal), letter)


@dead.command(name="replay")
@click.argument("letter", metavar="ID")
@_config
def replay_dead(letter: str, config: Path) -> None:
    """Put one back, once: an event is worked on again, a message sent again, a webhook's body read again."""
    _run_dead(config, lambda undertaker: undertaker.replay(letter), letter)


@dead.command(name="drop")
@click.argument("letter", metavar="ID")
@_config
def drop_dead(letter: str, config: Path) -> None:
    """Forget one for ever."""
    _run_dead(config, lambda undertaker: undertaker.drop(letter), letter)


def _run_dead(config: Path, wish: "Callable[[Undertaker], Awaitable[int]]", letter: str = "") -> None:
    from bot.letters import check_id, run_dead
    from bot.settings import load_settings

    settings = load_settings(config, os.environ)
    if letter:
        check_id(letter)
    sys.exit(asyncio.run(run_dead(settings, click.echo, wish)))


@frontdesk.command()
@click.argument("flow", required=False)
def graph(flow: str | None) -> None:
    """Draw a flow's states and moves as Mermaid; all flows without FLOW."""
    from bot.app import draw_graph

    click.echo(draw_graph(flow))
