"""What may stand in frontdesk.toml. A field's description is what an error says is expected there."""

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, get_args
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationInfo
from pydantic_core import PydanticCustomError

from bot.redisclient import MAX_CONNECTIONS

SLUG = r"^[a-z0-9][a-z0-9_-]{0,31}$"
"""Stands in routes and Redis keys."""

PHONE = r"^(\+[0-9]{6,15})?$"
"""E.164, or empty."""

WEBHOOK_SECRET_FORM = r"[A-Za-z0-9_-]{1,256}"  # noqa: S105 - the form of one
"""What setWebhook takes as `secret_token` (Bot API, setWebhook)."""

StaffEvent = Literal["booked", "moved", "cancelled", "asked", "unclear", "failed"]
"""What a staff chat may be told of."""


def _unexpected(expected: str = "") -> PydanticCustomError:
    """A value that the field's description excludes, or `expected` where it says more. The value may be secret: not named."""
    return PydanticCustomError("unexpected", "unexpected", {"expected": expected})


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _as_secrets(value: object) -> object:
    """One secret or a list of them; an empty text is none."""
    if isinstance(value, str):
        return (value,) if value else ()
    return _as_tuple(value)


def _check_not_empty(secret: SecretStr) -> SecretStr:
    if not secret.get_secret_value().strip():
        raise _unexpected()
    return secret


def _check_telegram_secret(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(WEBHOOK_SECRET_FORM, secret.get_secret_value()):
        raise _unexpected()
    return secret


def _check_zone(name: str) -> str:
    if name not in available_timezones():
        raise _unexpected()
    return name


def _check_optional_zone(name: str) -> str:
    return _check_zone(name) if name else name


def _check_address(address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise _unexpected()
    return address.rstrip("/")


def _check_optional_address(address: str) -> str:
    return _check_address(address) if address else address


def _check_redis_url(url: SecretStr) -> SecretStr:
    if urlsplit(url.get_secret_value()).scheme not in ("redis", "rediss", "unix"):
        raise _unexpected()
    return url


def _check_languages(languages: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    shipped = (info.context or {}).get("languages", ())
    if len(set(languages)) < len(languages) or not set(languages) <= set(shipped):
        raise _unexpected(f"a list out of {', '.join(shipped)}, each once")
    return languages


def _as_path(value: object) -> object:
    return Path(value) if isinstance(value, str) and value else value


Words = Annotated[str, Field(min_length=1)]
Address = Annotated[str, AfterValidator(_check_address)]
Secret = Annotated[SecretStr, AfterValidator(_check_not_empty)]
TelegramSecret = Annotated[SecretStr, AfterValidator(_check_telegram_secret)]
Secrets = Annotated[tuple[Secret, ...], BeforeValidator(_as_secrets)]
Zone = Annotated[str, AfterValidator(_check_zone)]
OptionalZone = Annotated[str, AfterValidator(_check_optional_zone)]
Seconds = Annotated[float, Field(gt=0, le=300)]


class Section(BaseModel):
    """A table of the file. Unknown keys are mistakes, and so is a number in quotes."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class ServerSettings(Section):
    """Where the bot listens."""

    host: Words = Field("127.0.0.1", description="an address to listen on, in quotes")
    port: int = Field(8080, ge=0, le=65535, description="a port number up to 65535, without quotes")
    public_url: Annotated[str, AfterValidator(_check_optional_address)] = Field(
        "", description="the http(s) address at which platforms reach this server"
    )
    lease_seconds: Seconds = Field(20.0, description="a number of seconds, more than any timeout_seconds, up to 300")

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.lease_seconds)


class RedisSettings(Section):
    """Where everything is kept."""

    url: Annotated[SecretStr, AfterValidator(_check_redis_url)] | None = Field(
        None, description="an address with redis://, rediss:// or unix://, or no url at all for a Redis of our own"
    )
    data_dir: Annotated[Path, BeforeValidator(_as_path)] = Field(
        Path("data"), description="a folder, in quotes; relative to this file"
    )
    max_connections: int = Field(MAX_CONNECTIONS, ge=16, le=10_000, description="a whole number from 16 to 10000")


class _Account(Section):
    """What every booking system has in common."""

    timeout_seconds: Seconds = Field(10.0, description="a number of seconds, less than server.lease_seconds")
    webhook_secret: Secrets = Field((), description="a secret, or a list of them while it is being replaced")
    time_zones: Mapping[str, Zone] = Field(
        default_factory=dict, description='an IANA time zone like "Europe/Lisbon" for each location id'
    )

    @property
    def timeout(self) -> timedelta:
        return timedelta(seconds=self.timeout_seconds)


class ZenotiAccount(_Account):
    """A Zenoti organization: one key, or one for each center."""

    kind: Literal["zenoti"]
    base_url: Address = Field("https://api.zenoti.com", description="scheme and host of Zenoti's API")
    api_key: Secret | None = Field(None, description="the API key of the backend app, unless every location has its own")
    location_keys: Mapping[str, Secret] = Field(default_factory=dict, description="an API key for each location id")
    referral_source_id: str = Field("", description="the id of a referral source, in quotes")


class SchedlyAccount(_Account):
    """A Schedly account: an API key, or OAuth."""

    kind: Literal["schedly"]
    base_url: Address = Field("https://app.schedly.io", description="scheme and host of Schedly's API")
    api_key: Secret | None = Field(None, description="the API key; beside OAuth it is what is left when that fails")
    client_id: str = Field("", description="the OAuth client's id, in quotes")
    client_secret: Secret | None = Field(None, description="the OAuth client's secret")
    refresh_token: Secret | None = Field(None, description="an OAuth refresh token")
    reads_back: bool = Field(False, description="true or false, without quotes")


class SetsterAccount(_Account):
    """A Setster account."""

    kind: Literal["setster"]
    base_url: Address = Field("https://www.setster.com", description="scheme and host of Setster's API")
    email: Words = Field(description="the account owner's e-mail address")
    api_key: Secret = Field(description="the API key")
    company_id: Words = Field(description="the company's id, in quotes")
    company_time_zone: OptionalZone = Field("", description="the account's own IANA time zone; left out: Setster is asked")
    currency: Annotated[str, Field(pattern=r"^([A-Z]{3})?$")] = Field(
        "", description='the code of the currency that prices are in, like "EUR"; left out: that of the location\'s country'
    )
    alias_domain: Annotated[str, Field(pattern=r"^([a-z0-9-]+(\.[a-z0-9-]+)+)?$")] = Field(
        "", description="a domain whose mail reaches the business, for customers who are not to be asked for an e-mail address"
    )
    reference_field: Annotated[str, Field(pattern=r"^\w{0,64}$")] = Field(
        "", description="the key of a hidden text field of the booking form"
    )
    confirms_bookings: bool = Field(True, description="true or false, without quotes")


class WhautomateAccount(_Account):
    """A Whautomate account."""

    kind: Literal["whautomate"]
    base_url: Address = Field("https://api.whautomate.com", description="scheme and host of Whautomate's API for your region")
    api_key: Secret = Field(description="the API key")
    plan: Literal["trial", "subscribed"] = Field("trial", description='"trial" or "subscribed"')
    currency: Annotated[str, Field(pattern=r"^([A-Z]{3})?$")] = Field(
        "", description='the code of the currency that prices are in, like "EUR"; left out: that of the location\'s country'
    )


class TelegramAccount(Section):
    """One Telegram bot."""

    token: Secret = Field(description="the bot's token from BotFather")
    previous_tokens: Secrets = Field((), description="a list of revoked tokens whose buttons shall go on working")
    webhook_secret: Annotated[tuple[TelegramSecret, ...], BeforeValidator(_as_secrets)] = Field(
        (), description="1 to 256 of A-Z a-z 0-9 _ -, or a list of such while it is being replaced"
    )
    api_url: Address = Field("https://api.telegram.org", description="scheme and host of the Bot API")
    mode: Literal["webhook", "polling"] = Field("webhook", description='"webhook" or "polling"')
    pace_seconds: Seconds = Field(1.0, description="a number of seconds between two messages to one person")

    @property
    def pace(self) -> timedelta:
        return timedelta(seconds=self.pace_seconds)


class WhatsappAccount(Section):
    """One WhatsApp business number."""

    phone_number_id: Words = Field(description="the number's id from Meta, in quotes")
    access_token: Secret = Field(description="the system user's access token")
    app_secret: Secrets = Field(description="the Meta app's secret, or a list of them while it is being replaced")
    verify_token: Secret = Field(description="the token that the webhook's subscription is verified with")
    graph_url: Address = Field("https://graph.facebook.com/v25.0", description="the Graph API's address with its version")


class StaffChatSettings(Section):
    """A chat of the business's own people."""

    channel: Literal["telegram", "whatsapp"] = Field(description='"telegram" or "whatsapp"')
    chat_id: Words = Field(description="the chat's id, in quotes")
    locations: Annotated[tuple[Words, ...], BeforeValidator(_as_tuple)] = Field(
        (), description="a list of location ids; left out: all"
    )
    events: Annotated[tuple[StaffEvent, ...], BeforeValidator(_as_tuple)] = Field(
        (), description=f"a list of {', '.join(get_args(StaffEvent))}; left out: all"
    )


class StaffSettings(Section):
    """Who is told what."""

    chats: Annotated[tuple[StaffChatSettings, ...], BeforeValidator(_as_tuple)] = Field((), description="a list of chats")


class BusinessSettings(Section):
    """One business: its booking system and where its customers write to it."""

    name: Words = Field(description="the business's name, in quotes")
    languages: Annotated[tuple[str, ...], BeforeValidator(_as_tuple), AfterValidator(_check_languages)] = Field(
        min_length=1, description="a list of languages, the first is the default"
    )
    vendor: Annotated[ZenotiAccount | SchedlyAccount | SetsterAccount | WhautomateAccount, Field(discriminator="kind")] = Field(
        description="a table with kind, api_key …"
    )
    phone: Annotated[str, Field(pattern=PHONE)] = Field("", description='the number customers can call, like "+351210000140"')
    telegram: TelegramAccount | None = Field(None, description="a table with token, webhook_secret …")
    whatsapp: WhatsappAccount | None = Field(None, description="a table with phone_number_id, access_token …")
    staff: StaffSettings = Field(StaffSettings(), description="a table with chats")


class Settings(Section):
    """The whole file."""

    server: ServerSettings = Field(ServerSettings(), description="a table with host, port, public_url …")
    redis: RedisSettings = Field(RedisSettings(), description="a table with url or data_dir")
    businesses: Mapping[Annotated[str, Field(pattern=SLUG)], BusinessSettings] = Field(
        min_length=1, description="at least one [businesses.<slug>]; a slug is 1 to 32 of a-z 0-9 _ -"
    )
