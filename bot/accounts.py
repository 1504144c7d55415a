"""Builds the booking system that a business's settings name: the one place that knows every vendor."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime

import aiohttp
from redis.asyncio import Redis

from bot.errors import SettingsError
from bot.settings import BusinessSettings, SchedlyAccount, SetsterAccount, WhautomateAccount, ZenotiAccount
from bot.vendors.base import Vendor
from bot.vendors.bucket import TokenBucket
from bot.vendors.http import VendorHttp, VendorMetrics
from bot.vendors.schedly import TRAITS as SCHEDLY
from bot.vendors.schedly import Access, KeyAccess, OAuthSettings, Schedly, SchedlySettings, TokenAccess, TokenKeeper
from bot.vendors.setster import TRAITS as SETSTER
from bot.vendors.setster import Setster, SetsterSettings
from bot.vendors.whautomate import SUBSCRIBED_CALLS, Made, Whautomate, WhautomateSettings
from bot.vendors.whautomate import TRAITS as WHAUTOMATE
from bot.vendors.zenoti import TRAITS as ZENOTI
from bot.vendors.zenoti import Zenoti, ZenotiSettings
from bot.vendors.zenoti.drafts import Drafts

Account = ZenotiAccount | SchedlyAccount | SetsterAccount | WhautomateAccount


@dataclass(frozen=True, slots=True)
class Supply:
    """What every adapter works with."""

    redis: Redis
    session: aiohttp.ClientSession
    metrics: VendorMetrics
    now: Callable[[], datetime]
    stack: AsyncExitStack
    """Ends what an adapter does in the background."""


def build_vendor(slug: str, business: BusinessSettings, supply: Supply) -> Vendor:
    match business.vendor:
        case ZenotiAccount() as account:
            return _build_zenoti(slug, account, supply)
        case SetsterAccount() as account:
            return _build_setster(slug, account, supply)
        case WhautomateAccount() as account:
            return _build_whautomate(slug, account, supply)
        case SchedlyAccount() as account:
            return _build_schedly(slug, account, supply)


def _open_http(slug: str, account: Account, supply: Supply, *, per_minute: int) -> VendorHttp:
    return VendorHttp(
        supply.session,
        vendor=account.kind,
        base_url=account.base_url,
        timeout=account.timeout,
        bucket=TokenBucket(supply.redis, per_minute=per_minute),
        metrics=supply.metrics,
        business=slug,
    )


def _build_zenoti(slug: str, account: ZenotiAccount, supply: Supply) -> Zenoti:
    settings = ZenotiSettings(
        base_url=account.base_url,
        api_key=account.api_key.get_secret_value() if account.api_key else "",
        time_zones=account.time_zones,
        api_keys={location: key.get_secret_value() for location, key in account.location_keys.items()},
        referral_source_id=account.referral_source_id,
    )
    http = _open_http(slug, account, supply, per_minute=ZENOTI.calls_per_minute)
    return Zenoti(http, settings, drafts=Drafts(supply.redis, prefix=f"frontdesk:{slug}:zenoti"), now=supply.now)


def _build_setster(slug: str, account: SetsterAccount, supply: Supply) -> Setster:
    settings = SetsterSettings(
        email=account.email,
        api_key=account.api_key.get_secret_value(),
        company_id=account.company_id,
        time_zones=account.time_zones,
        company_time_zone=account.company_time_zone,
        currency=account.currency,
        alias_domain=account.alias_domain,
        reference_field=account.reference_field,
        confirms=account.confirms_bookings,
    )
    http = _open_http(slug, account, supply, per_minute=SETSTER.calls_per_minute)
    return Setster(http, settings, supply.redis, prefix=f"frontdesk:{slug}:setster", now=supply.now)


def _build_whautomate(slug: str, account: WhautomateAccount, supply: Supply) -> Whautomate:
    settings = WhautomateSettings(
        base_url=account.base_url,
        api_key=account.api_key.get_secret_value(),
        time_zones=account.time_zones,
        currency=account.currency,
    )
    per_minute = SUBSCRIBED_CALLS if account.plan == "subscribed" else WHAUTOMATE.calls_per_minute
    http = _open_http(slug, account, supply, per_minute=per_minute)
    return Whautomate(http, settings, made=Made(supply.redis, prefix=f"frontdesk:{slug}:whautomate"), now=supply.now)


def _build_schedly(slug: str, account: SchedlyAccount, supply: Supply) -> Schedly:
    http = _open_http(slug, account, supply, per_minute=SCHEDLY.calls_per_minute)
    access = _open_schedly(slug, account, http, supply)
    settings = SchedlySettings(account.time_zones, reads_back=account.reads_back)
    schedly = Schedly(http, access, settings, redis=supply.redis, business=slug, now=supply.now)
    supply.stack.push_async_callback(schedly.close)
    return schedly


def _open_schedly(slug: str, account: SchedlyAccount, http: VendorHttp, supply: Supply) -> Access:
    """By API key, or by OAuth with the key, if there is one, to fall back on."""
    key = KeyAccess(account.api_key.get_secret_value()) if account.api_key else None
    if not (account.client_id and account.client_secret and account.refresh_token):
        if key is None:
            raise SettingsError(f"businesses.{slug}.vendor.api_key: not set; expected one, or OAuth")
        return key
    oauth = OAuthSettings(account.client_id, account.client_secret.get_secret_value(), account.refresh_token.get_secret_value())
    keeper = TokenKeeper(http, supply.redis, oauth, business=slug, now=supply.now)
    supply.stack.push_async_callback(keeper.close)
    return TokenAccess(keeper, f"{slug} {account.client_id}", key)
