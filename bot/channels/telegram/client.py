"""Calls to the Bot API: python-telegram-bot over a shared aiohttp session, and a lean path for the calls of every turn.

Both ways share one transport, one set of timeouts and one table of refusals. The lean path is there because building
and parsing python-telegram-bot's objects costs more than the call. One message with six buttons against a local server
that costs nothing, one core, CPU of the client per send (one at a time / 50 at once):

    python-telegram-bot over its own httpx         1110 / 1709 µs
    python-telegram-bot over `AiohttpRequest`       410 /  358 µs
    `Client.call`, rendering and tokens included    146 /   90 µs
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from time import monotonic
from typing import Any

import aiohttp
import orjson
from telegram.ext import ExtBot
from telegram.request import BaseRequest, RequestData
from yarl import URL

from bot.channels.telegram.metrics import CallMetrics
from bot.channels.telegram.refusals import SOURCE, Refused, Reply, explain_reply
from bot.channels.telegram.settings import TelegramSettings
from bot.errors import CallStaff, FrontdeskError, OutcomeUnknown, TryAgain, Unsendable

_JSON = {"Content-Type": "application/json"}


class Transport:
    """One POST to the Bot API, with explicit timeouts and our errors. Nothing of a request is ever logged."""

    def __init__(self, settings: TelegramSettings, session: aiohttp.ClientSession, metrics: CallMetrics | None) -> None:
        self.settings = settings
        self._session = session
        self._metrics = metrics

    async def exchange(
        self,
        url: URL,
        data: bytes | aiohttp.FormData,
        *,
        headers: Mapping[str, str] | None = None,
        patience: timedelta = timedelta(),
    ) -> Reply:
        """The answer with status 2xx. `patience` is how long the server may keep us waiting on purpose."""
        verb = url.name
        began = monotonic()
        outcome = "ok"
        try:
            reply = await self._post(url, data, headers=headers, limit=self._limit(patience))
            if not 200 <= reply.status < 300:
                raise explain_reply(reply, verb)
        except FrontdeskError as error:
            outcome = type(error).__name__
            raise
        else:
            return reply
        finally:
            if self._metrics is not None:
                took = timedelta(seconds=monotonic() - began)
                self._metrics.note(self.settings.slug, verb, outcome=outcome, took=took)

    def _limit(self, patience: timedelta) -> aiohttp.ClientTimeout:
        """Connecting, waiting for a free connection included, may take half of the time for the whole call."""
        seconds = self.settings.timeout.total_seconds()
        return aiohttp.ClientTimeout(total=seconds + patience.total_seconds(), connect=seconds / 2)

    async def _post(
        self, url: URL, data: bytes | aiohttp.FormData, *, headers: Mapping[str, str] | None, limit: aiohttp.ClientTimeout
    ) -> Reply:
        """Causes are dropped (`from None`): aiohttp's texts name the URL, and the URL holds the bot's token."""
        verb = url.name
        try:
            async with self._session.post(url, data=data, headers=headers, timeout=limit, allow_redirects=False) as response:
                return Reply(response.status, await response.read(), response.headers.get("Retry-After", ""))
        except aiohttp.InvalidURL:
            raise CallStaff("api_url is not an address", source=SOURCE, verb=verb) from None
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise TryAgain(f"not connected: {type(error).__name__}", source=SOURCE, verb=verb) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise OutcomeUnknown(type(error).__name__, source=SOURCE, verb=verb) from None


class AiohttpRequest(BaseRequest):
    """python-telegram-bot's way to the network, over our transport. A fifth of the CPU of its own httpx."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @property
    def read_timeout(self) -> float:
        return self._transport.settings.timeout.total_seconds()

    async def initialize(self) -> None:
        """Nothing to do: the session is the application's."""

    async def shutdown(self) -> None:
        """Nothing to do: the session is the application's."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = None,
        write_timeout: object = None,
        connect_timeout: object = None,
        pool_timeout: object = None,
    ) -> tuple[int, bytes]:
        """Raises `Refused` for everything but a result. The timeouts of single calls are not used: ours hold."""
        try:
            reply = await self._transport.exchange(URL(url, encoded=True), _build_form(request_data))
        except FrontdeskError as error:
            raise Refused(error) from None
        return reply.status, reply.body

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Unlike its base, logs nothing of an answer that cannot be read."""
        try:
            content = orjson.loads(payload)
        except orjson.JSONDecodeError:
            content = None
        if not isinstance(content, dict) or "result" not in content:
            raise Refused(OutcomeUnknown("unreadable answer", source=SOURCE))
        return content


class Client:
    """One bot's calls: `bot` is python-telegram-bot's typed client, `call` the lean path."""

    def __init__(self, settings: TelegramSettings, session: aiohttp.ClientSession, *, metrics: CallMetrics | None = None) -> None:
        # At DEBUG python-telegram-bot logs the URL with the token, and every parameter of every call.
        logging.getLogger("telegram").setLevel(logging.INFO)
        self._transport = Transport(settings, session, metrics)
        base = f"{settings.api_url.rstrip('/')}/bot"
        request = AiohttpRequest(self._transport)
        self._base = f"{base}{settings.token}/"
        self._urls: dict[str, URL] = {}
        self.bot: ExtBot[None] = ExtBot(settings.token, base_url=base, request=request, get_updates_request=request)

    async def call(self, verb: str, payload: Mapping[str, object], *, patience: timedelta = timedelta()) -> Any:
        """The `result` of one method, called with JSON. Raises our errors alone."""
        try:
            body = orjson.dumps(payload)
        except orjson.JSONEncodeError:
            raise Unsendable("cannot be written as JSON", source=SOURCE, verb=verb) from None
        reply = await self._transport.exchange(self._find_url(verb), body, headers=_JSON, patience=patience)
        try:
            content = orjson.loads(reply.body)
            if content["ok"] is True:
                return content["result"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            pass
        raise explain_reply(reply, verb)

    def _find_url(self, verb: str) -> URL:
        url = self._urls.get(verb)
        if url is None:
            url = self._urls[verb] = URL(self._base + verb, encoded=True)
        return url


def _build_form(data: RequestData | None) -> bytes | aiohttp.FormData:
    """python-telegram-bot hands over ready JSON strings for form fields, and files."""
    form = aiohttp.FormData()
    if data is not None:
        for name, value in data.json_parameters.items():
            form.add_field(name, value)
        for name, (filename, content, kind) in data.multipart_data.items():
            form.add_field(name, content, filename=filename, content_type=kind)
    return form
