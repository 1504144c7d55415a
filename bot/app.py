"""The composition root: builds everything and passes it in, and is the only file of `bot` that knows `flows`."""

import asyncio
import contextlib
import logging
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import aiohttp
from aiohttp import web
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis

from bot.accounts import Supply, build_vendor
from bot.channels.base import Channel
from bot.channels.telegram import CallMetrics, Telegram, TelegramSettings, make_rate
from bot.channels.whatsapp import CallMetrics as GraphMetrics
from bot.channels.whatsapp import Whatsapp, WhatsappSettings
from bot.channels.whatsapp import make_rate as make_number_rate
from bot.conversation.contract import Business
from bot.conversation.engine import Engine
from bot.errors import FrontdeskError, SettingsError, TryAgain
from bot.inbox.delivery import Delivery
from bot.inbox.mailbox import Mailbox
from bot.inbox.poller import poll_alone
from bot.inbox.restarts import Restarts
from bot.inbox.script import Scripts
from bot.inbox.server import Door, build_server, http_log
from bot.inbox.turn import Turns
from bot.inbox.worker import HINT_WAIT, Worker
from bot.office import Office
from bot.redisclient import connect
from bot.redisserver import RedisServer
from bot.settings import BusinessSettings, Settings, WhatsappAccount
from bot.staff.chat import StaffChat
from bot.texts import Texts, find_locales
from bot.vendors.catalog import Catalog
from bot.vendors.http import VendorMetrics
from flows import MACHINES, build_flow

Role = Literal["all", "web", "worker"]
"""web takes webhooks, worker works conversations; any number of either share one Redis."""

CLOSING = timedelta(seconds=6)
"""How long webhooks under way may take to be answered when we are asked to stop; turns in hand have a lease's time."""

log = logging.getLogger("frontdesk")


def draw_graph(flow: str | None) -> str:
    """The states and moves of a flow, or of all, as Mermaid. Raises `SettingsError` for an unknown flow."""
    unknown = {flow} - {None, *MACHINES}
    if unknown:
        raise SettingsError(f"FLOW: found {flow}; expected one of {', '.join(MACHINES)}")
    return "\n".join(_draw(name) for name in ([flow] if flow else MACHINES))


def _draw(name: str) -> str:
    from transitions.extensions import GraphMachine  # only for drawing: it takes a moment to import

    machine = MACHINES[name](machine_class=GraphMachine, model="self", graph_engine="mermaid", title=f"title: {name}")
    return str(machine.get_graph().draw(None))


def read_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Running:
    """A bot that runs."""

    port: int
    """The port it takes webhooks on; 0 for a worker without one."""
    offices: Mapping[str, Office]


@asynccontextmanager
async def run_bot(
    settings: Settings, *, role: Role = "all", shares_port: bool = False, now: Callable[[], datetime] = read_clock
) -> AsyncIterator[Running]:
    """Everything of one process, from Redis to the open port.

    When the context is left: not ready any more, turns in hand finished while webhooks are still taken in, the port closed.
    `shares_port`: several processes take webhooks on one port, as with `--processes`.
    Raises `SettingsError` for what the settings ask for and we do not have.
    """
    registry = CollectorRegistry()
    closing = asyncio.Event()
    async with AsyncExitStack() as stack:
        url = await _open_redis(settings, stack)
        redis = connect(url, max_connections=settings.redis.max_connections)
        stack.push_async_callback(redis.aclose)
        session = await stack.enter_async_context(
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=60), cookie_jar=aiohttp.DummyCookieJar()
            )
        )
        offices = build_offices(settings, redis=redis, session=session, registry=registry, now=now, stack=stack)
        scripts = Scripts(redis, registry)
        lease = settings.server.lease
        mailbox = Mailbox(redis, scripts, lease=lease, hints=role == "web", registry=registry)
        worker = Worker(mailbox)
        door = Door(mailbox, offices, nudge=worker.nudge, registry=registry)
        app = build_server(door, redis, registry, is_closing=closing.is_set)
        port = await _open_door(app, settings=settings, stack=stack, shares_port=shares_port)
        if role != "web":
            restarts = Restarts(redis)
            with contextlib.suppress(TryAgain):
                await restarts.find_recent()  # so that a later change is noticed
            await _start_worker(
                worker,
                _build_turns(mailbox, offices, worker, restarts=restarts, registry=registry, now=now),
                redis_url=url,
                patience=lease,
                stack=stack,
                listens=role == "worker",
            )
        _learn_names(offices, stack)
        if role != "web":
            _start_polling(door, settings, offices, redis=redis, stack=stack)
        stack.callback(closing.set)
        yield Running(port, offices)


async def _open_redis(settings: Settings, stack: AsyncExitStack) -> str:
    if settings.redis.url is not None:
        return settings.redis.url.get_secret_value()
    server = await stack.enter_async_context(RedisServer(settings.redis.data_dir / "redis"))
    return server.url


def build_offices(
    settings: Settings,
    *,
    redis: Redis,
    session: aiohttp.ClientSession,
    registry: CollectorRegistry,
    now: Callable[[], datetime],
    stack: AsyncExitStack,
) -> dict[str, Office]:
    supply = Supply(redis, session, VendorMetrics(registry), now, stack)
    telegram_metrics, whatsapp_metrics = CallMetrics(registry), GraphMetrics(registry)
    offices = {}
    for slug, business in settings.businesses.items():
        if any(chat.channel == "whatsapp" for chat in business.staff.chats):
            raise SettingsError(f"businesses.{slug}.staff.chats: WhatsApp is not supported for staff yet; expected telegram")
        vendor = build_vendor(slug, business, supply)
        desk = Catalog(vendor, redis, business=slug, now=now)
        stack.push_async_callback(desk.close)
        channels: dict[str, Channel] = {}
        if business.telegram is not None:
            channels["telegram"] = _build_telegram(slug, business, redis=redis, session=session, metrics=telegram_metrics)
        if business.whatsapp is not None:
            number = _describe_number(slug, business.whatsapp)
            channels["whatsapp"] = Whatsapp(
                number, session, redis, metrics=whatsapp_metrics, now=now, rate=make_number_rate(number, redis)
            )
        offices[slug] = Office(
            business=_describe_business(slug, business),
            vendor=vendor,
            desk=desk,
            channels=channels,
            staff_chats=tuple(
                StaffChat(chat.channel, chat.chat_id, frozenset(chat.locations), frozenset(chat.events))
                for chat in business.staff.chats
            ),
        )
    return offices


def _describe_business(slug: str, business: BusinessSettings) -> Business:
    places = [frozenset(chat.locations) for chat in business.staff.chats]
    return Business(
        slug,
        business.name,
        tuple(business.languages),
        has_staff_chat=bool(places),
        staff_locations=frozenset().union(*places) if all(places) else frozenset(),
        phone=business.phone,
    )


def _build_telegram(
    slug: str, business: BusinessSettings, *, redis: Redis, session: aiohttp.ClientSession, metrics: CallMetrics
) -> Telegram:
    telegram = business.telegram
    if telegram is None:
        raise SettingsError(f"businesses.{slug}.telegram: missing")
    bot = TelegramSettings(
        slug=slug,
        token=telegram.token.get_secret_value(),
        webhook_secrets=tuple(secret.get_secret_value() for secret in telegram.webhook_secret),
        previous_tokens=tuple(token.get_secret_value() for token in telegram.previous_tokens),
        api_url=telegram.api_url,
        pace=telegram.pace,
    )
    return Telegram(bot, session, metrics=metrics, rate=make_rate(bot, redis))


def _describe_number(slug: str, account: WhatsappAccount) -> WhatsappSettings:
    return WhatsappSettings(
        slug=slug,
        number_id=account.phone_number_id,
        access_token=account.access_token.get_secret_value(),
        app_secrets=tuple(secret.get_secret_value() for secret in account.app_secret),
        verify_token=account.verify_token.get_secret_value(),
        graph_url=account.graph_url,
    )


def _build_turns(
    mailbox: Mailbox,
    offices: Mapping[str, Office],
    worker: Worker,
    *,
    restarts: Restarts,
    registry: CollectorRegistry,
    now: Callable[[], datetime],
) -> Turns:
    return Turns(
        mailbox,
        Engine(flow=build_flow(), texts=Texts(find_locales()), now=now),
        Delivery(mailbox, registry, nudge=worker.nudge),
        offices=offices,
        restarts=restarts,
        now_ms=lambda: int(now().timestamp() * 1000),
        registry=registry,
    )


async def _start_worker(
    worker: Worker, turns: Turns, *, redis_url: str, patience: timedelta, stack: AsyncExitStack, listens: bool
) -> None:
    worker.take_on(turns)
    hints = connect(redis_url, timeout=HINT_WAIT * 3) if listens else None
    if hints is not None:
        stack.push_async_callback(hints.aclose)
    stack.push_async_callback(worker.close, patience)
    _keep(asyncio.create_task(worker.run(hints), name="worker"), stack)


async def _open_door(app: web.Application, *, settings: Settings, stack: AsyncExitStack, shares_port: bool) -> int:
    """The port."""
    runner = web.AppRunner(app, access_log=None, logger=http_log, shutdown_timeout=CLOSING.total_seconds())
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        await web.TCPSite(runner, settings.server.host, settings.server.port, reuse_port=shares_port or None).start()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        where = f"{settings.server.port} on {settings.server.host}"
        raise SettingsError(f"server.port: found {where} ({reason}); expected a free one") from None
    port: int = runner.addresses[0][1]
    return port


def _start_polling(door: Door, settings: Settings, offices: Mapping[str, Office], *, redis: Redis, stack: AsyncExitStack) -> None:
    for slug, business in settings.businesses.items():
        channel = offices[slug].channels.get("telegram")
        if business.telegram is None or business.telegram.mode != "polling" or not isinstance(channel, Telegram):
            continue
        _keep(asyncio.create_task(poll_alone(door, channel, redis, business=slug), name=f"poll-{slug}"), stack)


def _learn_names(offices: Mapping[str, Office], stack: AsyncExitStack) -> None:
    """Ask each bot's own name, beside everything else: until it is known, a group's commands for other bots pass for ours."""

    async def ask(channel: Telegram) -> None:
        with contextlib.suppress(FrontdeskError):
            await channel.identify()

    for slug, office in offices.items():
        channel = office.channels.get("telegram")
        if isinstance(channel, Telegram):
            _keep(asyncio.create_task(ask(channel), name=f"identify-{slug}"), stack)


def _keep(task: asyncio.Task[None], stack: AsyncExitStack) -> None:
    """Stop the task when the bot stops; say so when it ends by itself, which none of them should."""

    async def stop() -> None:
        task.cancel()
        await asyncio.wait([task])

    def report(done: asyncio.Task[None]) -> None:
        if not done.cancelled() and done.exception() is not None:
            log.error("%s ended", done.get_name(), exc_info=done.exception())

    task.add_done_callback(report)
    stack.push_async_callback(stop)
