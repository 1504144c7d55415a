"""The routes: a webhook is answered 200 only when its events are durable."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Literal

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from bot.channels.base import Arrival, Channel, Odd, Part, Stray, VerifiedChannel
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
        chats: dict[str, list[Arrival]] = {}
        for arrival in arrivals:
            chats.setdefault(arrival.chat, []).append(arrival)
        stored = await asyncio.gather(*(self._store_chat(Conversation(business, channel, chat), chats[chat]) for chat in chats))
        return "stored" if all(stored) else "full"

    async def _store_chat(self, conversation: Conversation, arrivals: list[Arrival]) -> bool:
        """One chat's events, in order. False: too much waits there already."""
        has_room = True
        for arrival in arrivals:
            taken = await self._mailbox.enqueue(conversation, arrival.digest, encode_event(arrival.event))
            if taken == "NEW":
                self._nudge(conversation.id)
            has_room = has_room and taken != "FULL"
        return has_room

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
            is_stored = await self._keep(slug, channel, body, request.headers)
        except TryAgain:
            is_stored = False
        return web.Response() if is_stored else web.Response(status=503, headers=_COME_AGAIN)

    async def verify(self, request: web.Request, channel_slug: str) -> web.Response:
        """`GET /<channel>/{business}`: the platform makes sure that the address is ours."""
        office = self._offices.get(request.match_info["business"])
        channel = office.channels.get(channel_slug) if office else None
        if not isinstance(channel, VerifiedChannel):
            return web.Response(status=404)
        answer = channel.answer_challenge(request.query)
        return web.Response(status=403) if answer is None else web.Response(text=answer)

    async def _keep(self, slug: str, channel: Channel, body: bytes, headers: Mapping[str, str]) -> bool:
        """Make durable what is in a body. False: there is no room for all of it."""
        place = channel.traits.slug
        parts: tuple[Part, ...]
        try:
            parts = await channel.read(body)
        except ValueError:
            parts = (Odd(body),)
        is_stored = await self.store(slug, place, tuple(part for part in parts if isinstance(part, Arrival))) == "stored"
        for part in parts:
            if isinstance(part, Odd):
                await self._bury(slug, place, part)
            elif isinstance(part, Stray):
                is_stored = await self._pass_on(slug, place, part, body=body, headers=headers) and is_stored
        return is_stored

    async def _pass_on(self, slug: str, place: str, stray: Stray, *, body: bytes, headers: Mapping[str, str]) -> bool:
        """To the business whose account it is for, if the sender proves itself there too."""
        for home, office in self._offices.items():
            channel = office.channels.get(place)
            if channel is not None and channel.account == stray.account and channel.is_authentic(body, headers):
                return await self._keep(home, channel, stray.body, headers)
        await self._bury(slug, place, Odd(stray.body, reason="stray"))
        return True

    async def _bury(self, slug: str, place: str, odd: Odd) -> None:
        """Refused, it would come again for days and hold up what follows."""
        log.warning("%s %s delivery kept as a dead letter", odd.reason, place)
        await self._mailbox.bury(Conversation(slug, place, ""), "body", odd.body, reason=odd.reason, error=odd.error)


def build_server(door: Door, redis: Redis, registry: CollectorRegistry, *, is_closing: Callable[[], bool]) -> web.Application:
    """All routes of `interface.md`."""

    async def take_telegram(request: web.Request) -> web.Response:
        return await door.take(request, "telegram")

    async def take_whatsapp(request: web.Request) -> web.Response:
        return await door.take(request, "whatsapp")

    async def verify_whatsapp(request: web.Request) -> web.Response:
        return await door.verify(request, "whatsapp")

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
    app.router.add_post("/whatsapp/{business}", take_whatsapp)
    app.router.add_get("/whatsapp/{business}", verify_whatsapp, allow_head=False)
    app.router.add_get("/healthz", tell_health)
    app.router.add_get("/readyz", tell_readiness)
    app.router.add_get("/metrics", tell_metrics)
    return app
