"""The demo's frontdesk.toml: two businesses whose platforms and vendor are the emulators."""

from collections.abc import Mapping
from json import dumps
from pathlib import Path
from typing import Literal

from bot.sandbox.telegram.demo import CLINIC_TOKEN, HARBOUR_TOKEN
from bot.sandbox.vendor import DemoAccount
from bot.sandbox.vendors import EMULATORS
from bot.sandbox.whatsapp.demo import APP_SECRET, GRAPH, NUMBERS, VERIFY_TOKEN, DemoNumber

SECRET = "sandbox-webhook-secret"  # noqa: S105  opens nothing but the demo
_HARBOUR_CHATS = (-1001001, -1001002, -1001003)
"""Front desks of the three locations, in the vendor's order."""
_CLINIC_CHAT = -1001004


def write_demo_settings(
    file: Path,
    sandbox_url: str,
    *,
    vendor: str = "zenoti",
    port: int = 0,
    redis_url: str = "",
    lease_seconds: float = 20.0,
    vendor_timeout_seconds: float = 10.0,
    mode: Literal["webhook", "polling"] = "webhook",
    pace_seconds: float = 1.0,
    has_whatsapp: bool = False,
    extra: str = "",
) -> Path:
    """Write a settings file like an operator's. `port` 0 takes any free one; `extra` is added at the end as it stands.

    Raises `KeyError` for a vendor without an emulator.
    """
    redis = f"url = {dumps(redis_url)}" if redis_url else 'data_dir = "data"'
    demo = EMULATORS[vendor]
    harbour, riverside = demo.accounts["harbour"], demo.accounts["riverside"]
    desks = {chat: (location,) for chat, location in zip(_HARBOUR_CHATS, harbour.time_zones, strict=True)}
    book = f'kind = "{demo.slug}"\nbase_url = "{sandbox_url}/{demo.slug}"\ntimeout_seconds = {vendor_timeout_seconds}'
    api = f'api_url = "{sandbox_url}/telegram"\nmode = "{mode}"\npace_seconds = {pace_seconds}'
    graph = f"{sandbox_url}{GRAPH}" if has_whatsapp else ""
    parts = (
        f"[server]\nport = {port}\nlease_seconds = {lease_seconds}\n\n[redis]\n{redis}\n",
        _name_business("harbour", "Harbour Studio", ("en", "es")),
        _connect("harbour", vendor=book, account=harbour, telegram=api, token=HARBOUR_TOKEN),
        _connect_number(graph, NUMBERS[0]),
        _list_desks("harbour", desks),
        _name_business("clinic", "Riverside Physio", ("es", "en")),
        _connect("clinic", vendor=book, account=riverside, telegram=api, token=CLINIC_TOKEN),
        _connect_number(graph, NUMBERS[1]),
        _list_desks("clinic", {_CLINIC_CHAT: ()}),
        extra,
    )
    file.write_text("\n".join(parts), encoding="utf-8")
    return file


def _name_business(slug: str, name: str, languages: tuple[str, ...]) -> str:
    return f"[businesses.{slug}]\nname = {dumps(name)}\nlanguages = {dumps(languages)}\n"


def _connect(slug: str, *, vendor: str, account: DemoAccount, telegram: str, token: str) -> str:
    settings = "\n".join(f"{name} = {dumps(value)}" for name, value in account.settings.items())
    zones = "\n".join(f"{dumps(location)} = {dumps(zone)}" for location, zone in account.time_zones.items())
    return f"""[businesses.{slug}.vendor]
{vendor}
{settings}

[businesses.{slug}.vendor.time_zones]
{zones}

[businesses.{slug}.telegram]
{telegram}
token = {dumps(token)}
webhook_secret = {dumps(SECRET)}
"""


def _connect_number(graph: str, number: DemoNumber) -> str:
    if not graph:
        return ""
    return f"""[businesses.{number.business}.whatsapp]
phone_number_id = "{number.id}"
access_token = {dumps(number.token)}
app_secret = {dumps(APP_SECRET)}
verify_token = {dumps(VERIFY_TOKEN)}
graph_url = {dumps(graph)}
"""


def _list_desks(slug: str, desks: Mapping[int, tuple[str, ...]]) -> str:
    return "\n".join(
        f'[[businesses.{slug}.staff.chats]]\nchannel = "telegram"\nchat_id = "{chat}"\nlocations = {dumps(locations)}\n'
        for chat, locations in desks.items()
    )
