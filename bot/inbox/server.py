"""The routes: a webhook is answered 200 only when its events are durable."""

import logging
from collections.abc import Callable, Mapping
from typing import Literal

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.channels.base import Arrival
from bot.conversation.codec import encode_event
from bot.errors import TryAgain
from bot.inbox.keys import Conversation
from bot.inbox.mailbox import Mailbox
from bot.office import Office

BODY_LIMIT = 4 * 1024 * 1024
"""Bytes of a webhook body; platforms send at most 3 MB."""
_COME_AGAIN = {"Retry-After": "2"}
"""Telegram forgets a tap after 150 s: asked to come back soon, it survives a restart of ours."""

log = logging.getLogger("frontdesk.server")


class _OwnFailuresOnly(logging.Filter):
    """Requests that are not HTTP, or that nobody waits for any more: no failure, and aiohttp would quote their bytes, which
    may hold a secret."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, HttpProcessingError | web.RequestPayloadError | ConnectionError):
            return True
        log.debug("request dropped: %s", type(error).__name__)
        return False


http_log = logging.getLogger("frontdesk.http")
"""What aiohttp has to say of single requests."""
http_log.addFilter(_OwnFailuresOnly())


class Door:
    """Takes events in: from webhooks and from polling."""

    def __init__(
        self, mailbox: Mailbox, offices: Mapping[str, Office], *, nudge: Callable[[str], None], registry: CollectorRegistry
    ) -> None:
        """`nudge` tells a worker of this process; without one it does nothing."""
        self._mailbox = mailbox
        self._offices = offices
        self._nudge = nudge
        self._count = Counter(
            "frontdesk_webhooks", "Webhook deliveries by channel and answer.", ["channel", "answer"], registry=registry
        )

    async def store(self, business: str, channel: str, arrivals: tuple[Arrival, ...]) -> Literal["stored", "full"]:
        """Make events durable. Raises `TryAgain` while Redis is away: nothing may be acknowledged then."""
        is_full = False
        for arrival in arrivals:
            conversation = Conversation(business, channel, arrival.chat)
            taken = await self._mailbox.enqueue(conversation, arrival.digest, encode_event(arrival.event))
            if taken == "NEW":
                self._nudge(conversation.id)
            is_full = is_full or taken == "FULL"
        return "full" if is_full else "stored"

    async def take(self, request: web.Request, channel_slug: str) -> web.Response:
        """`POST /<channel>/{business}`."""
        answer = await self._answer(request, channel_slug)
        self._count.labels(channel_slug, str(answer.status)).inc()
        return answer

    async def _answer(self, request: web.Request, channel_slug: str) -> web.Response:
        slug = request.match_info["business"]
        office = self._offices.get(slug)
        channel = office.channels.get(channel_slug) if office else None
        if channel is None:
            return web.Response(status=404)
        if not channel.traits.signs_body and not channel.is_authentic(b"", request.headers):
            return web.Response(status=401)
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return web.Response(status=413)
        except (web.RequestPayloadError, ConnectionError):  # not packed or cut as its headers say, or hung up halfway
            return web.Response(status=400)
        if channel.traits.signs_body and not channel.is_authentic(body, request.headers):
            return web.Response(status=401)
        try:
            arrivals = channel.read(body)
        except ValueError:
            return await self._bury(slug, channel_slug, body)
        try:
            stored = await self.store(slug, channel_slug, arrivals)
        except TryAgain:
            return web.Response(status=503, headers=_COME_AGAIN)
        return web.Response() if stored == "stored" else web.Response(status=503, headers=_COME_AGAIN)

    async def _bury(self, slug: str, channel_slug: str, body: bytes) -> web.Response:
        """Refused, it would come again for a day and hold up what follows."""
        log.warning("unreadable %s delivery kept as a dead letter", channel_slug)
        try:
            await self._mailbox.bury(Conversation(slug, channel_slug, ""), "body", body, reason="unreadable")
        except TryAgain:
            return web.Response(status=503, headers=_COME_AGAIN)
        return web.Response()


def build_server(door: Door, redis: Redis, registry: CollectorRegistry, *, is_closing: Callable[[], bool]) -> web.Application:
    """All routes of `interface.md`."""

    async def take_telegram(request: web.Request) -> web.Response:
        return await door.take(request, "telegram")

    async def tell_health(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def tell_readiness(_: web.Request) -> web.Response:
        if is_closing():
            return web.Response(status=503, text="shutting down\n")
        try:
            await redis.ping()
        except (RedisError, OSError):
            return web.Response(status=503, text="Redis does not answer\n")
        return web.Response(text="ready\n")

    async def tell_metrics(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application(client_max_size=BODY_LIMIT)
    app.router.add_post("/telegram/{business}", take_telegram)
    app.router.add_get("/healthz", tell_health)
    app.router.add_get("/readyz", tell_readiness)
    app.router.add_get("/metrics", tell_metrics)
    return app
