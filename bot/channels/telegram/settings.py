"""What one bot on Telegram needs to be told."""

from dataclasses import dataclass
from datetime import timedelta

OFFICIAL_API = "https://api.telegram.org"


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """One bot of one business."""

    slug: str
    """The business's slug; part of the webhook's path and of the key of its buttons."""
    token: str
    """As BotFather gave it: `<bot id>:<secret>`."""
    webhook_secrets: tuple[str, ...] = ()
    """1-256 of `A-Z a-z 0-9 _ -` each. The first is registered, all are accepted: keep the old one while rotating.
    Empty: no webhook is ever authentic."""
    api_url: str = OFFICIAL_API
    username: str = ""
    """Without `@`; asked for with getMe where it is not given."""
    previous_tokens: tuple[str, ...] = ()
    """Revoked bot tokens whose buttons are still on customers' screens and shall go on working."""
    timeout: timedelta = timedelta(seconds=8)
    """For one whole call; must stay below the lease of the worker that makes it."""
    pace: timedelta = timedelta(seconds=1)
    """Between two messages to one person in the long run; a group gets three times as long."""

    @property
    def bot_id(self) -> int:
        """The bot's user id, 0 where the token has an unexpected form."""
        head = self.token.partition(":")[0]
        return int(head) if head.isascii() and head.isdigit() else 0

    def __repr__(self) -> str:
        return f"TelegramSettings(slug={self.slug!r})"
