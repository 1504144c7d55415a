import copy
import json
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SettingsError
from bot.settings import Settings, WhautomateAccount, ZenotiAccount, check_settings, load_settings

# The file of the operator's interface, word for word.
FULL = """
[server]
host = "127.0.0.1"
port = 8080
public_url = "https://desk.example.com"

[redis]
url = "redis://127.0.0.1:6379/0"
data_dir = "data"

[businesses.harbour]
name = "Harbour Studio"
languages = ["en", "es"]

[businesses.harbour.vendor]
kind = "whautomate"
base_url = "https://api.whautomate.com"
api_key = "env:HARBOUR_KEY"
webhook_secret = "env:HARBOUR_VENDOR_SECRET"
[businesses.harbour.vendor.time_zones]
loc1 = "Europe/Lisbon"

[businesses.harbour.telegram]
token = "env:HARBOUR_TELEGRAM"
webhook_secret = "env:HARBOUR_TELEGRAM_SECRET"
api_url = "https://api.telegram.org"
mode = "webhook"

[businesses.harbour.whatsapp]
phone_number_id = "1055"
access_token = "env:HARBOUR_WA_TOKEN"
app_secret = "env:META_APP_SECRET"
verify_token = "env:META_VERIFY"
graph_url = "https://graph.facebook.com/v25.0"

[[businesses.harbour.staff.chats]]
channel = "telegram"
chat_id = "-100123"
locations = ["loc1"]
events = ["booked", "moved", "cancelled"]
"""

SMALL = """
[businesses.harbour]
name = "Harbour Studio"
languages = ["en"]
vendor = { kind = "zenoti", api_key = "k3y-s3cret", time_zones = { c1 = "Europe/Lisbon" } }
telegram = { token = "1:t0ken-s3cret" }
"""

ENVIRONMENT = {
    "HARBOUR_KEY": "key-s3cret",
    "HARBOUR_VENDOR_SECRET": "vendor-s3cret",
    "HARBOUR_TELEGRAM": "12:telegram-s3cret",
    "HARBOUR_TELEGRAM_SECRET": "hook-s3cret",
    "HARBOUR_WA_TOKEN": "wa-s3cret",
    "META_APP_SECRET": "app-s3cret",
    "META_VERIFY": "verify-s3cret",
}


def load(folder: Path, text: str, environ: dict[str, str] | None = None) -> Settings:
    file = folder / "frontdesk.toml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file, ENVIRONMENT if environ is None else environ, languages=("en", "es"))


def load_changed(folder: Path, key: str, value: Any) -> Settings:
    """SMALL with one dotted key set, or taken out where the value is None."""
    tree: dict[str, Any] = copy.deepcopy(tomllib.loads(SMALL))
    *way, last = key.split(".")
    table = tree
    for part in way:
        table = table.setdefault(part, {})
    if value is None:
        del table[last]
    else:
        table[last] = value
    return load(folder, _write_toml(tree))


def test_file_of_the_interface_is_read(tmp_path: Path) -> None:
    settings = load(tmp_path, FULL)
    harbour = settings.businesses["harbour"]
    assert (settings.server.port, settings.server.lease) == (8080, timedelta(seconds=20))
    assert settings.redis.url is not None
    assert settings.redis.url.get_secret_value() == "redis://127.0.0.1:6379/0"
    assert harbour.languages == ("en", "es")
    assert isinstance(harbour.vendor, WhautomateAccount)
    assert harbour.vendor.api_key.get_secret_value() == "key-s3cret"
    assert harbour.vendor.time_zones == {"loc1": "Europe/Lisbon"}
    assert harbour.telegram is not None
    assert [secret.get_secret_value() for secret in harbour.telegram.webhook_secret] == ["hook-s3cret"]
    assert harbour.whatsapp is not None
    assert harbour.staff.chats[0].events == ("booked", "moved", "cancelled")


def test_small_file_gets_the_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path, SMALL)
    harbour = settings.businesses["harbour"]
    assert (settings.server.host, settings.server.port, settings.server.public_url) == ("127.0.0.1", 8080, "")
    assert settings.redis.url is None
    assert settings.redis.data_dir == tmp_path / "data"
    assert settings.redis.max_connections == 512
    assert isinstance(harbour.vendor, ZenotiAccount)
    assert harbour.vendor.base_url == "https://api.zenoti.com"
    assert harbour.vendor.timeout == timedelta(seconds=10)
    assert harbour.telegram is not None
    assert (harbour.telegram.mode, harbour.telegram.webhook_secret) == ("webhook", ())


def test_secrets_show_nowhere(tmp_path: Path) -> None:
    settings = load(tmp_path, FULL)
    assert "s3cret" not in repr(settings) + str(settings) + settings.model_dump_json()


def test_several_secrets_are_accepted_while_rotating(tmp_path: Path) -> None:
    settings = load_changed(tmp_path, "businesses.harbour.telegram.webhook_secret", ["new", "old"])
    telegram = settings.businesses["harbour"].telegram
    assert telegram is not None
    assert [secret.get_secret_value() for secret in telegram.webhook_secret] == ["new", "old"]


def test_empty_webhook_secret_is_none(tmp_path: Path) -> None:
    telegram = load_changed(tmp_path, "businesses.harbour.telegram.webhook_secret", "").businesses["harbour"].telegram
    assert telegram is not None
    assert telegram.webhook_secret == ()


def test_zenoti_center_keys_replace_the_one_key(tmp_path: Path) -> None:
    vendor = {"kind": "zenoti", "time_zones": {"c1": "Europe/Lisbon"}, "location_keys": {"c1": "k"}, "referral_source_id": "r1"}
    account = load_changed(tmp_path, "businesses.harbour.vendor", vendor).businesses["harbour"].vendor
    assert isinstance(account, ZenotiAccount)
    assert account.api_key is None
    assert account.referral_source_id == "r1"


@pytest.mark.parametrize(
    "vendor",
    [
        {"kind": "schedly", "api_key": "k"},
        {"kind": "schedly", "client_id": "i", "client_secret": "s", "refresh_token": "r"},
        {"kind": "setster", "email": "owner@example.com", "api_key": "k", "company_id": "3001"},
        {
            "kind": "setster",
            "email": "owner@example.com",
            "api_key": "k",
            "company_id": "3001",
            "company_time_zone": "Europe/Lisbon",
            "currency": "EUR",
            "alias_domain": "desk.example.com",
            "reference_field": "booking_ref",
            "confirms_bookings": False,
        },
        {"kind": "whautomate", "api_key": "k"},
    ],
)
def test_other_vendors_are_accepted(tmp_path: Path, vendor: dict[str, Any]) -> None:
    assert load_changed(tmp_path, "businesses.harbour.vendor", vendor).businesses["harbour"].vendor.kind == vendor["kind"]


def _find_paths(tree: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield (*path, key)
            yield from _find_paths(value, (*path, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from _find_paths(value, (*path, str(index)))


SLUG_FORM = "at least one [businesses.<slug>]; a slug is 1 to 32 of a-z 0-9 _ -"
PORT = "expected a port number up to 65535, without quotes"
KINDS = "expected one of zenoti, schedly, setster, whautomate"
SETSTER = {"kind": "setster", "email": "owner@example.com", "api_key": "k", "company_id": "3001"}
CHAT = {"channel": "telegram", "chat_id": "1"}


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("server.port", "8080", f'found "8080"; {PORT}'),
        ("server.port", 70000, f"found 70000; {PORT}"),
        ("server.port", True, f"found true; {PORT}"),
        ("server.prot", 1, "unknown key; did you mean port?"),
        ("server.x", 1, "unknown key; expected one of host, port, public_url, lease_seconds"),
        ("server.public_url", "desk", 'found "desk"; expected the http(s) address at which platforms reach this server'),
        ("server", "x", "found text; expected a table with host, port, public_url …"),
        ("sever", {}, "unknown key; did you mean server?"),
        (
            "redis.url",
            "http://u:s3cret@x",
            "found text; expected an address with redis://, rediss:// or unix://, or no url at all for a Redis of our own",
        ),
        ("redis.max_connections", 1, "found 1; expected a whole number from 16 to 10000"),
        ("businesses", {}, f"found a table; expected {SLUG_FORM}"),
        ("businesses", None, f"not set; expected {SLUG_FORM}"),
    ],
)
def test_mistake_names_key_found_and_expected(tmp_path: Path, key: str, value: Any, expected: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_changed(tmp_path, key, value)
    assert str(caught.value) == f"{tmp_path}/frontdesk.toml: {key}: {expected}"
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("name", None, "name: not set; expected the business's name, in quotes"),
        ("languages", ["en", "xx"], 'languages: found ["en", "xx"]; expected a list out of en, es, each once'),
        ("languages", ["en", "en"], 'languages: found ["en", "en"]; expected a list out of en, es, each once'),
        ("languages", [], "languages: found []; expected a list of languages, the first is the default"),
        ("languages", "en", 'languages: found "en"; expected a list of languages, the first is the default'),
        ("telegram.token", "", "telegram.token: found an empty text; expected the bot's token from BotFather"),
        ("telegram.token", 5, "telegram.token: found a number; expected the bot's token from BotFather"),
        ("telegram.tokn", "1:s3cret", "telegram.tokn: unknown key; did you mean token?"),
        ("telegram.mode", "pull", 'telegram.mode: found "pull"; expected "webhook" or "polling"'),
        (
            "telegram.webhook_secret",
            ["ok", "not s3cret!"],
            "telegram.webhook_secret[1]: found text; "
            "expected 1 to 256 of A-Z a-z 0-9 _ -, or a list of such while it is being replaced",
        ),
        ("telegram.api_url", "tg.example", 'telegram.api_url: found "tg.example"; expected scheme and host of the Bot API'),
        (
            "vendor.base_url",
            "https://u:p@api.zenoti.com",
            "vendor.base_url: found text; expected scheme and host of Zenoti's API",
        ),
        ("vendor.kind", "zenotti", f'vendor.kind: found "zenotti"; {KINDS}'),
        ("vendor.kind", None, f"vendor.kind: not set; {KINDS}"),
        ("vendor.api_kye", "s3cret", "vendor.api_kye: unknown key; did you mean api_key?"),
        (
            "vendor.company_id",
            "1",
            "vendor.company_id: unknown key; expected one of timeout_seconds, webhook_secret, time_zones, kind, base_url, "
            "api_key, location_keys, referral_source_id",
        ),
        (
            "vendor.api_key",
            None,
            "vendor.api_key: not set; expected one, or location_keys for every location in time_zones",
        ),
        (
            "vendor.time_zones",
            {"c1": "Lisbon"},
            'vendor.time_zones.c1: found "Lisbon"; expected an IANA time zone like "Europe/Lisbon" for each location id',
        ),
        ("vendor.time_zones", {}, "vendor.time_zones: not set; expected a time zone for each center to be offered"),
        ("vendor.timeout_seconds", 20, "vendor.timeout_seconds: found 20; expected less than server.lease_seconds (20)"),
        (
            "vendor",
            {**SETSTER, "company_time_zone": "Lisbon"},
            "vendor.company_time_zone: found text; expected the account's own IANA time zone; left out: Setster is asked",
        ),
        (
            "vendor",
            {**SETSTER, "alias_domain": "desk example"},
            "vendor.alias_domain: found text; "
            "expected a domain whose mail reaches the business, for customers who are not to be asked for an e-mail address",
        ),
        (
            "vendor",
            {**SETSTER, "reference_field": "booking-ref"},
            "vendor.reference_field: found text; expected the key of a hidden text field of the booking form",
        ),
        (
            "vendor",
            {"kind": "setster", "api_key": "k", "company_id": "3"},
            "vendor.email: not set; expected the account owner's e-mail address",
        ),
        (
            "vendor",
            {"kind": "schedly", "client_id": "i"},
            "vendor.api_key: not set; expected one, or client_id, client_secret and refresh_token",
        ),
        ("staff.chats", [{**CHAT, "chat_id": -100}], "staff.chats[0].chat_id: found a number; expected the chat's id, in quotes"),
        (
            "staff.chats",
            [{**CHAT, "channel": "whatsapp"}],
            "staff.chats[0].channel: found whatsapp; expected a channel that businesses.harbour has",
        ),
        ("staff.chats", [{**CHAT, "locations": ["c2"]}], "staff.chats[0].locations: found c2; expected one of c1"),
        (
            "staff.chats",
            [{**CHAT, "events": ["bookd"]}],
            'staff.chats[0].events[0]: found "bookd"; '
            "expected a list of booked, moved, cancelled, asked, unclear, failed; left out: all",
        ),
        (
            "whatsapp",
            {"phone_number_id": "1", "access_token": "a", "verify_token": "v"},
            "whatsapp.app_secret: not set; expected the Meta app's secret, or a list of them while it is being replaced",
        ),
    ],
)
def test_mistake_in_a_business_names_key_found_and_expected(tmp_path: Path, key: str, value: Any, expected: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_changed(tmp_path, f"businesses.harbour.{key}", value)
    assert str(caught.value) == f"{tmp_path}/frontdesk.toml: businesses.harbour.{expected}"
    assert "s3cret" not in str(caught.value)


def test_business_needs_a_channel(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load_changed(tmp_path, "businesses.harbour.telegram", None)
    assert str(caught.value).endswith(
        "businesses.harbour: no channel; expected [businesses.harbour.telegram] or [businesses.harbour.whatsapp]"
    )


@pytest.mark.parametrize("slug", ["Harbour", "har bour", "", "a" * 33, "{x}"])
def test_slug_outside_the_pattern_is_refused(tmp_path: Path, slug: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, SMALL.replace("businesses.harbour", f'businesses."{slug}"'))
    assert str(caught.value).endswith(f'businesses.{slug}: found the key "{slug}"; expected {SLUG_FORM}')


def test_every_mistake_is_reported_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, '[server]\nport = "x"\nhost = 1\n' + SMALL)
    assert [line.split(": ")[1] for line in str(caught.value).splitlines()] == ["server.host", "server.port"]


def test_missing_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, FULL, environ={name: value for name, value in ENVIRONMENT.items() if name != "META_VERIFY"})
    assert str(caught.value).endswith(
        "businesses.harbour.whatsapp.verify_token: found env:META_VERIFY, which is not set; expected it in the environment"
    )


def test_wrong_value_of_a_variable_is_named_by_the_variable(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, FULL, environ={**ENVIRONMENT, "HARBOUR_TELEGRAM_SECRET": "not s3cret!"})
    assert "businesses.harbour.telegram.webhook_secret: found env:HARBOUR_TELEGRAM_SECRET (text); expected 1 to" in str(
        caught.value
    )
    assert "s3cret" not in str(caught.value)


def test_one_bot_cannot_serve_two_businesses(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, SMALL + SMALL.replace("harbour", "quay"))
    assert str(caught.value).endswith(
        "businesses.quay.telegram.token: found the token of businesses.harbour; expected a bot of its own"
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"[server", "not TOML: "),
        (b"\xff\xfe", "found other bytes; expected text in UTF-8"),
    ],
)
def test_file_that_is_no_toml_is_refused(tmp_path: Path, content: bytes, expected: str) -> None:
    file = tmp_path / "frontdesk.toml"
    file.write_bytes(content)
    with pytest.raises(SettingsError, match="frontdesk.toml: " + expected):
        load_settings(file, {})


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml: no such file"):
        load_settings(tmp_path / "nowhere.toml", {})


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "x", "env:HARBOUR_KEY", "env:"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["kind", "zenoti", "x", ""]), inner, max_size=2),
    max_leaves=4,
)


@given(st.sampled_from(sorted(_find_paths(tomllib.loads(FULL)))), VALUES)
def test_any_mistake_ends_in_a_settings_error(path: tuple[str, ...], value: object) -> None:
    tree = tomllib.loads(FULL)
    table: Any = tree
    for part in path[:-1]:
        table = table[int(part) if isinstance(table, list) else part]
    table[path[-1]] = value
    said = ""
    try:
        check_settings(tree, ENVIRONMENT, languages=("en", "es"))
    except SettingsError as error:
        said = str(error)
    assert "s3cret" not in said


def _write_toml(tree: dict[str, Any]) -> str:
    """TOML with inline tables below the top level; JSON spells texts, numbers, truths and lists as TOML does."""
    return "\n".join(f"{json.dumps(key)} = {_spell(value)}" for key, value in tree.items())


def _spell(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_spell(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_spell(inner) for inner in value) + "]"
    return json.dumps(value)
