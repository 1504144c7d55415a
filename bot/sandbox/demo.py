"""The demo's frontdesk.toml: two businesses whose platforms and vendor are the emulators."""

from collections.abc import Mapping
from json import dumps
from pathlib import Path

from bot.sandbox.telegram.demo import CLINIC_TOKEN, HARBOUR_TOKEN
from bot.sandbox.zenoti.demo import KEY_HARBOUR, KEY_RIVERSIDE, TIME_ZONES

SECRET = "sandbox-webhook-secret"  # noqa: S105  opens nothing but the demo
_HARBOUR_CHATS = (-1001001, -1001002, -1001003)
"""Front desks of the three locations, in the vendor's order."""
_CLINIC_CHAT = -1001004


def write_demo_settings(
    file: Path,
    sandbox_url: str,
    *,
    port: int = 0,
    redis_url: str = "",
    lease_seconds: float = 20.0,
    extra: str = "",
) -> Path:
    """Write a settings file like an operator's. `port` 0 takes any free one; `extra` is added at the end as it stands."""
    redis = f"url = {dumps(redis_url)}" if redis_url else 'data_dir = "data"'
    desks = {chat: (location,) for chat, location in zip(_HARBOUR_CHATS, TIME_ZONES[KEY_HARBOUR], strict=True)}
    clinic = ("es", "en")
    parts = (
        f"[server]\nport = {port}\nlease_seconds = {lease_seconds}\n\n[redis]\n{redis}\n",
        _business("harbour", "Harbour Studio", ("en", "es"), sandbox_url, key=KEY_HARBOUR, token=HARBOUR_TOKEN, desks=desks),
        _business(
            "clinic", "Riverside Physio", clinic, sandbox_url, key=KEY_RIVERSIDE, token=CLINIC_TOKEN, desks={_CLINIC_CHAT: ()}
        ),
        extra,
    )
    file.write_text("\n".join(parts), encoding="utf-8")
    return file


def _business(
    slug: str,
    name: str,
    languages: tuple[str, ...],
    sandbox_url: str,
    *,
    key: str,
    token: str,
    desks: Mapping[int, tuple[str, ...]],
) -> str:
    zones = "\n".join(f"{dumps(location)} = {dumps(zone)}" for location, zone in TIME_ZONES[key].items())
    staff = "\n".join(
        f'[[businesses.{slug}.staff.chats]]\nchannel = "telegram"\nchat_id = "{chat}"\nlocations = {dumps(locations)}\n'
        for chat, locations in desks.items()
    )
    return f"""[businesses.{slug}]
name = {dumps(name)}
languages = {dumps(languages)}

[businesses.{slug}.vendor]
kind = "zenoti"
base_url = "{sandbox_url}/zenoti"
api_key = {dumps(key)}

[businesses.{slug}.vendor.time_zones]
{zones}

[businesses.{slug}.telegram]
token = {dumps(token)}
webhook_secret = {dumps(SECRET)}
api_url = "{sandbox_url}/telegram"

{staff}"""
