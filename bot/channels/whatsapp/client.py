"""Calls to the Graph API over the application's aiohttp session."""

from collections.abc import Mapping
from datetime import timedelta
from time import monotonic
from typing import Any

import aiohttp
import orjson
from yarl import URL

from bot.channels.whatsapp.metrics import CallMetrics
from bot.channels.whatsapp.refusals import SOURCE, Reply, explain_reply, read_content
from bot.channels.whatsapp.settings import WhatsappSettings
from bot.errors import CallStaff, FrontdeskError, OutcomeUnknown, TryAgain, Unsendable


class Client:
    """One number's calls. Nothing of a request is ever logged."""

    def __init__(self, settings: WhatsappSettings, session: aiohttp.ClientSession, *, metrics: CallMetrics | None = None) -> None:
        self._settings = settings
        self._session = session
        self._metrics = metrics
        self._number = URL(f"{settings.graph_url.rstrip('/')}/{settings.number_id}")
        self._messages = self._number / "messages"
        self._headers = {"Authorization": f"Bearer {settings.access_token}", "Content-Type": "application/json"}
        seconds = settings.timeout.total_seconds()
        self._limit = aiohttp.ClientTimeout(total=seconds, connect=seconds / 2)

    async def send(self, payload: Mapping[str, object], *, operation: str = "messages") -> Mapping[str, Any]:
        """POST …/messages. Raises our errors alone; what the codes mean stands in `refusals`."""
        return await self._exchange("POST", self._messages, payload, operation=operation)

    async def configure(self, payload: Mapping[str, object]) -> Mapping[str, Any]:
        """POST to the number itself."""
        return await self._exchange("POST", self._number, payload, operation="number")

    async def describe(self) -> Mapping[str, Any]:
        """GET the number itself."""
        fields = "id,display_phone_number,verified_name,quality_rating,webhook_configuration"
        return await self._exchange("GET", self._number.with_query(fields=fields), None, operation="number")

    async def _exchange(
        self, method: str, url: URL, payload: Mapping[str, object] | None, *, operation: str
    ) -> Mapping[str, Any]:
        began = monotonic()
        outcome = "ok"
        try:
            reply = await self._call(method, url, payload, verb=operation)
            content = read_content(reply.body)
            if not 200 <= reply.status < 300 or "error" in content:
                raise explain_reply(reply, operation)
            if not content:
                raise OutcomeUnknown("unreadable answer", source=SOURCE, verb=operation)
        except FrontdeskError as error:
            outcome = type(error).__name__
            raise
        else:
            return content
        finally:
            if self._metrics is not None:
                took = timedelta(seconds=monotonic() - began)
                self._metrics.note(self._settings.slug, operation, outcome=outcome, took=took)

    async def _call(self, method: str, url: URL, payload: Mapping[str, object] | None, *, verb: str) -> Reply:
        """Causes are dropped (`from None`): aiohttp's texts may quote what was sent."""
        try:
            body = orjson.dumps(payload) if payload is not None else None
        except orjson.JSONEncodeError:
            raise Unsendable("cannot be written as JSON", source=SOURCE, verb=verb) from None
        try:
            async with self._session.request(
                method, url, data=body, headers=self._headers, timeout=self._limit, allow_redirects=False
            ) as response:
                return Reply(response.status, await response.read(), response.headers.get("Retry-After", ""))
        except aiohttp.InvalidURL:
            raise CallStaff("graph_url is not an address", source=SOURCE, verb=verb) from None
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise TryAgain(f"not connected: {type(error).__name__}", source=SOURCE, verb=verb) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise OutcomeUnknown(type(error).__name__, source=SOURCE, verb=verb) from None
