"""Setting a bot up: its webhook and its commands. Run by hand or at a deploy, never by several replicas at their start."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from telegram import BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats, WebhookInfo
from telegram.error import TelegramError

from bot.channels.telegram.client import Client
from bot.channels.telegram.refusals import SOURCE, explain_exception
from bot.channels.telegram.settings import TelegramSettings
from bot.errors import TryAgain

ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
"""What we want to hear of; my_chat_member tells of a block before a reminder fails."""

_ATTEMPTS = 3

_SCOPES = {"private": BotCommandScopeAllPrivateChats, "groups": BotCommandScopeAllGroupChats}


@dataclass(frozen=True, slots=True)
class WebhookState:
    """What Telegram says of the webhook."""

    url: str
    """Empty: none is set."""
    allowed_updates: frozenset[str]
    pending: int
    """Updates not yet accepted by us; Telegram itself warns from 50 on."""
    last_error: str = ""
    last_error_at: datetime | None = None
    """Aware, UTC."""

    def fits(self, url: str) -> bool:
        """Whether it delivers what we want to where we want it. The secret cannot be read back."""
        return self.url == url and self.allowed_updates == frozenset(ALLOWED_UPDATES)


def build_webhook_url(settings: TelegramSettings, public_url: str) -> str:
    return f"{public_url.rstrip('/')}/telegram/{settings.slug}"


async def get_webhook(client: Client) -> WebhookState:
    with _translated("getWebhookInfo"):
        return _read_state(await client.bot.get_webhook_info())


async def set_webhook(client: Client, settings: TelegramSettings, public_url: str) -> bool:
    """Whether there was anything to do. What is pending stays: it is what customers wrote.

    The registered secret cannot be read back, so it is set again while two are accepted (a rotation) and after
    deliveries that we turned away.
    """
    url = build_webhook_url(settings, public_url)
    state = await get_webhook(client)
    if state.fits(url) and len(settings.webhook_secrets) == 1 and "401" not in state.last_error:
        return False
    secret = settings.webhook_secrets[0] if settings.webhook_secrets else None
    for _ in range(_ATTEMPTS):
        try:
            with _translated("setWebhook"):
                await client.bot.set_webhook(
                    url, allowed_updates=ALLOWED_UPDATES, secret_token=secret, drop_pending_updates=False
                )
        except TryAgain as error:  # one call a second is allowed
            await asyncio.sleep(error.after.total_seconds())
        else:
            return True
    raise TryAgain("setWebhook is refused for now", source=SOURCE, verb="setWebhook")


async def remove_webhook(client: Client) -> None:
    with _translated("deleteWebhook"):
        if (await client.bot.get_webhook_info()).url:
            await client.bot.delete_webhook(drop_pending_updates=False)


async def set_commands(client: Client, commands: Mapping[str, Mapping[str, str]], *, scope: Literal["private", "groups"]) -> None:
    """`commands` is language → name → description; the language "" holds what all others are shown.

    Telegram knows two-letter languages only. At most 100 commands, names of 1-32 `a-z0-9_`, descriptions of 1-256.
    """
    for language, entries in commands.items():
        with _translated("setMyCommands"):
            await client.bot.set_my_commands(
                [BotCommand(name, description) for name, description in entries.items()],
                scope=_SCOPES[scope](),
                language_code=language.partition("-")[0] or None,
            )


async def fetch_username(client: Client) -> str:
    """The bot's own name, without `@`."""
    with _translated("getMe"):
        return (await client.bot.get_me()).username or ""


def _read_state(info: WebhookInfo) -> WebhookState:
    return WebhookState(
        url=info.url,
        allowed_updates=frozenset(info.allowed_updates),
        pending=info.pending_update_count,
        last_error=info.last_error_message or "",
        last_error_at=info.last_error_date.astimezone(UTC) if info.last_error_date else None,
    )


@contextmanager
def _translated(verb: str) -> Iterator[None]:
    try:
        yield
    except TelegramError as error:
        raise explain_exception(error, verb) from None
