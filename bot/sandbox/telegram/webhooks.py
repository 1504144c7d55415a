"""Bot API methods by which a bot receives updates: setWebhook and friends, getUpdates."""

import asyncio
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import orjson
import regex

from bot.sandbox.telegram.calls import Call, Noted
from bot.sandbox.telegram.chats import Payload
from bot.sandbox.telegram.delivery import Webhook
from bot.sandbox.telegram.refusals import refuse_conflict, refuse_flood, refuse_request
from bot.sandbox.telegram.updates import UPDATE_KINDS

# telegram.md section 1.
_PORTS = frozenset({80, 88, 443, 8443})
_SECRET = regex.compile(r"[A-Za-z0-9_-]{1,256}")
_DEFAULT_CONNECTIONS = 40
_MOST_CONNECTIONS = 100
_MOST_LOCAL_CONNECTIONS = 100_000
_SECONDS_BETWEEN = 1.0
# Bot API, getUpdates; the longest wait is the server's own.
_LARGEST_BATCH = 100
_LONGEST_POLL = 50


def set_webhook(call: Call) -> Any:
    url = call.params.text("url")
    if not url:
        return delete_webhook(call)
    wish = Webhook(url, _read_secret(call), _read_connections(call), call.params.text("ip_address"))
    _check_url(call, url)
    account = call.account
    allowed = _read_allowed(call)
    is_same = account.courier.webhook == wish and (allowed is None or allowed == account.updates.allowed)
    if is_same and not call.params.flag("drop_pending_updates"):
        return Noted(True, "Webhook is already set")
    if call.platform.switches.flood and 0 <= call.now - account.webhook_set_at < _SECONDS_BETWEEN:
        raise refuse_flood(1)
    account.webhook_set_at = call.now
    _apply(call, allowed)
    _stop_poller(call, "terminated by setWebhook request")
    account.courier.start(wish)
    return Noted(True, "Webhook was set")


def delete_webhook(call: Call) -> Noted:
    was_set = call.account.courier.webhook is not None
    call.account.courier.stop()
    _apply(call, None)
    return Noted(True, "Webhook was deleted" if was_set else "Webhook is already deleted")


def _apply(call: Call, allowed: list[str] | None) -> None:
    if allowed is not None:
        call.account.updates.allowed = allowed
    if call.params.flag("drop_pending_updates"):
        call.account.updates.clear()


def _read_secret(call: Call) -> str:
    secret = call.params.text("secret_token")
    if secret and not _SECRET.fullmatch(secret):
        too_long = len(secret) > 256
        raise refuse_request("secret token is too long" if too_long else "secret token contains unallowed characters")
    return secret


def _read_connections(call: Call) -> int:
    most = _MOST_LOCAL_CONNECTIONS if call.platform.switches.local_mode else _MOST_CONNECTIONS
    wish = call.params.number("max_connections", _DEFAULT_CONNECTIONS)
    if not 1 <= wish <= most:
        raise refuse_request(f"max_connections must be between 1 and {most}")
    return wish


def _check_url(call: Call, url: str) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise refuse_request("bad webhook: invalid URL specified") from None
    if not parts.hostname or parts.scheme not in ("http", "https"):
        raise refuse_request("bad webhook: invalid URL specified")
    if call.platform.switches.local_mode:
        return
    if parts.scheme != "https":
        raise refuse_request("bad webhook: An HTTPS URL must be provided for webhook")
    if (port or 443) not in _PORTS:
        raise refuse_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    if _is_reserved(parts.hostname):
        raise refuse_request(f"bad webhook: IP address {parts.hostname} is reserved")


def _is_reserved(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost"


def _read_allowed(call: Call) -> list[str] | None:
    """None: keep what was set before. Unknown names are ignored."""
    if call.params.raw.get("allowed_updates") in (None, ""):
        return None
    names = call.params.tree("allowed_updates")
    if not isinstance(names, list):
        raise refuse_request("can't parse allowed updates JSON array")
    return [name for name in names if name in UPDATE_KINDS]


def get_webhook_info(call: Call) -> Payload:
    courier, updates = call.account.courier, call.account.updates
    info: Payload = {"url": "", "has_custom_certificate": False, "pending_update_count": len(updates.pending)}
    if courier.webhook is not None:
        info |= {"url": courier.webhook.url, "max_connections": courier.webhook.max_connections}
        if courier.webhook.ip_address:
            info["ip_address"] = courier.webhook.ip_address
    if courier.last_error_at is not None:
        info |= {"last_error_date": int(courier.last_error_at.timestamp()), "last_error_message": courier.last_error}
    if updates.allowed:
        info["allowed_updates"] = updates.allowed
    return info


async def get_updates(call: Call) -> list[Any]:
    """Long polling; a second poller ends the first (409)."""
    account, params = call.account, call.params
    if account.courier.webhook is not None:
        raise refuse_conflict(
            "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
        )
    _stop_poller(call, "terminated by other getUpdates request; make sure that only one bot instance is running")
    allowed = _read_allowed(call)
    if allowed is not None:
        account.updates.allowed = allowed
    account.updates.confirm(params.number("offset"))
    limit = min(max(params.number("limit", _LARGEST_BATCH), 1), _LARGEST_BATCH)
    batch = account.updates.read(limit)
    seconds = min(max(params.number("timeout"), 0), _LONGEST_POLL)
    if not batch and seconds:
        await _wait(call, seconds)
        batch = account.updates.read(limit)
    return [orjson.Fragment(update.body) for update in batch]


async def _wait(call: Call, seconds: float) -> None:
    account = call.account
    ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    account.poller = ended
    arrival = asyncio.create_task(account.updates.wait(seconds))
    try:
        await asyncio.wait((ended, arrival), return_when=asyncio.FIRST_COMPLETED)
    finally:
        arrival.cancel()
        if account.poller is ended:
            account.poller = None
    if ended.done():
        raise refuse_conflict(ended.result())


def _stop_poller(call: Call, reason: str) -> None:
    poller = call.account.poller
    if poller is not None and not poller.done():
        poller.set_result(reason)
