"""One bot on Telegram, as the rest of the bot sees it."""

import contextlib
from collections.abc import Mapping
from datetime import timedelta
from hmac import compare_digest
from typing import Any, Literal

import aiohttp
from redis.asyncio import Redis

from bot.channels.base import Arrival, ChannelTraits, Message, Pace
from bot.channels.rate import AccountRate
from bot.channels.telegram import webhook
from bot.channels.telegram.client import Client
from bot.channels.telegram.metrics import CallMetrics
from bot.channels.telegram.polling import Poller, Store
from bot.channels.telegram.refusals import SOURCE, AlreadySo, Flooded, Uneditable
from bot.channels.telegram.render import Renderer, is_private
from bot.channels.telegram.settings import TelegramSettings
from bot.channels.telegram.updates import UpdateReader
from bot.channels.tokens import TokenCodec, derive_secret
from bot.conversation.contract import Event, Tapped
from bot.errors import FrontdeskError, OutcomeUnknown, TryAgain, Unsendable

TRAITS = ChannelTraits(slug="telegram", page_rows=12, can_edit=True, signs_body=False)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name

PRIVATE_BURST = 3
"""About one message a second in one chat, short bursts tolerated (bots FAQ): one fewer than others have seen go through,
because what leaves us evenly does not arrive so."""
GROUP_BURST, GROUP_SHARE = 5, 3
"""Twenty messages a minute in one group (bots FAQ): three times as long between two as in a private chat."""


ALL_SHARE, ALL_BURST = 1 / 25, 20
"""About thirty messages a second over all chats of a bot (bots FAQ): a little less, and what the workers hold in hand."""
PATIENCE = timedelta(seconds=2)
"""A longer wait for the bot's budget is not spent holding the conversation."""


def make_rate(settings: TelegramSettings, redis: Redis) -> AccountRate:
    """The budget of one bot, for all workers on this Redis."""
    return AccountRate(redis, f"frontdesk:pace:telegram:{settings.bot_id}", interval=settings.pace * ALL_SHARE, burst=ALL_BURST)


class Telegram:
    """A `Channel`. The session is the application's, shared by all bots, and closed by it."""

    def __init__(
        self,
        settings: TelegramSettings,
        session: aiohttp.ClientSession,
        *,
        metrics: CallMetrics | None = None,
        rate: AccountRate | None = None,
    ) -> None:
        """`rate`: what all workers together may send; without it each chat's own pace is all that is kept."""
        codec = TokenCodec(
            derive_secret(settings.token, settings.slug),
            previous=(derive_secret(token, settings.slug) for token in settings.previous_tokens),
        )
        self._settings = settings
        self._secrets = tuple(secret.encode() for secret in settings.webhook_secrets if secret)
        self._client = Client(settings, session, metrics=metrics)
        self._reader = UpdateReader(codec, bot_id=settings.bot_id, username=settings.username)
        self._renderer = Renderer(codec)
        self._rate = rate
        self._private_pace = Pace(interval=settings.pace, burst=PRIVATE_BURST)
        self._group_pace = Pace(interval=settings.pace * GROUP_SHARE, burst=GROUP_BURST)

    @property
    def traits(self) -> ChannelTraits:
        return TRAITS

    def is_authentic(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """`headers` must be found without regard to case, as aiohttp's are. Telegram signs no body: the secret is all."""
        given = headers.get(SECRET_HEADER, "").encode("utf-8", "surrogatepass")
        return sum(compare_digest(given, secret) for secret in self._secrets) > 0  # all of them: constant time

    @property
    def account(self) -> str:
        return str(self._settings.bot_id)

    async def read(self, body: bytes) -> tuple[Arrival, ...]:
        return self._reader.read(body)

    def pace(self, chat: str) -> Pace:
        return self._private_pace if is_private(chat) else self._group_pace

    async def acknowledge(self, event: Event) -> None:
        if not isinstance(event.body, Tapped) or not event.body.query:
            return
        with contextlib.suppress(Exception):
            await self._client.call("answerCallbackQuery", {"callback_query_id": event.body.query})

    async def send(self, chat: str, message: Message) -> str:
        if self._rate is not None and (wait := await self._rate.admit(PATIENCE)):
            raise TryAgain("account's pace", after=wait, source=SOURCE, verb="sendMessage")
        try:
            return await self._send(chat, message)
        except Flooded as error:
            if self._rate is not None:
                await self._rate.note_refusal(chat, error.after)
            raise

    async def _send(self, chat: str, message: Message) -> str:
        try:
            if message.edits:
                edited = await self._edit(chat, message)
                if edited:
                    return edited
            payload = self._renderer.render(chat, message)
        except ValueError as error:
            raise Unsendable(f"cannot be rendered: {error}", source=SOURCE, verb="sendMessage") from None
        return _read_message_id(await self._client.call("sendMessage", payload))

    async def _edit(self, chat: str, message: Message) -> str:
        """The id of the edited message, or empty where a new message has to be sent instead."""
        payload = self._renderer.render_edit(chat, message)
        if payload is None:
            return ""
        try:
            await self._client.call("editMessageText", payload)
        except AlreadySo:
            pass
        except Uneditable:
            return ""
        return message.edits

    async def poll(self, store: Store) -> None:
        """Fetch updates until cancelled, each stored before Telegram may forget it."""
        with contextlib.suppress(FrontdeskError):
            await self.identify()
        await Poller(self._client, self._reader, slug=self._settings.slug).run(store)

    async def identify(self) -> str:
        """The bot's username. Until it is known, a group's commands for other bots pass for ours."""
        if not self._reader.username:
            self._reader.username = await webhook.fetch_username(self._client)
        return self._reader.username

    async def get_webhook(self) -> webhook.WebhookState:
        return await webhook.get_webhook(self._client)

    async def register(self, public_url: str) -> bool:
        """Set the webhook where it is not as it should be; True if it was set."""
        return await webhook.set_webhook(self._client, self._settings, public_url)

    async def set_commands(
        self, commands: Mapping[str, Mapping[str, str]], *, scope: Literal["private", "groups"] = "private"
    ) -> None:
        """`commands` is language → name → description; the language "" is for everyone else."""
        await webhook.set_commands(self._client, commands, scope=scope)


def _read_message_id(sent: Any) -> str:
    """The message went out, so an answer without its id is nothing to repeat the call for."""
    identity = sent.get("message_id") if isinstance(sent, dict) else None
    if not isinstance(identity, int):
        raise OutcomeUnknown("no message id in the answer", source=SOURCE, verb="sendMessage")
    return str(identity)
