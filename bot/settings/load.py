"""Read frontdesk.toml, put the environment's values in, and check the whole."""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.errors import SettingsError
from bot.settings import mistakes
from bot.settings.model import BusinessSettings, SchedlyAccount, Settings, ZenotiAccount
from bot.texts import find_locales, list_languages

ENV = "env:"


def load_settings(path: Path, environ: Mapping[str, str], *, languages: Collection[str] | None = None) -> Settings:
    """The settings of a file. Raises SettingsError with one line for each mistake, and never a secret in it.

    `languages` are those that may be offered; left out, the shipped ones.
    """
    shipped = list_languages(find_locales()) if languages is None else languages
    try:
        settings = check_settings(_read(path), environ, languages=shipped)
    except SettingsError as error:
        raise SettingsError("\n".join(f"{path}: {line}" for line in str(error).splitlines())) from None
    return _place(settings, path)


def check_settings(raw: Mapping[str, Any], environ: Mapping[str, str], *, languages: Collection[str]) -> Settings:
    """The settings of a parsed file. Raises SettingsError as `load_settings` does, without the file's name."""
    reader = _Environment(environ)
    raw = reader.resolve(raw)
    problems = list(reader.problems)
    if not problems:
        try:
            settings = Settings.model_validate(raw, context={"languages": languages})
        except ValidationError as error:
            problems += mistakes.describe(error, raw, reader.variables)
        else:
            problems += _find_conflicts(settings)
    if problems:
        raise SettingsError("\n".join(problems))
    return settings


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError("no such file; expected the settings, see README") from None
    except OSError as error:
        raise SettingsError(f"cannot be read ({error.strerror}); expected the settings, see README") from None
    except UnicodeDecodeError:
        raise SettingsError("found other bytes; expected text in UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"not TOML: {error}") from None


class _Environment:
    """Puts values in the place of `env:NAME`, and remembers where."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.variables: dict[mistakes.Path, str] = {}
        self.problems: list[str] = []

    def resolve(self, value: Any, path: mistakes.Path = ()) -> Any:
        if isinstance(value, dict):
            return {key: self.resolve(inner, (*path, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.resolve(inner, (*path, index)) for index, inner in enumerate(value)]
        if isinstance(value, str) and value.startswith(ENV):
            return self._look_up(value.removeprefix(ENV), path)
        return value

    def _look_up(self, name: str, path: mistakes.Path) -> str:
        self.variables[path] = name
        if name not in self._environ:
            self.problems.append(f"{mistakes.spell(path)}: found {ENV}{name}, which is not set; expected it in the environment")
        return self._environ.get(name, "")


def _find_conflicts(settings: Settings) -> Iterator[str]:
    """What is wrong only in view of another setting."""
    tokens: dict[str, str] = {}
    numbers: dict[str, str] = {}
    for slug, business in settings.businesses.items():
        here = f"businesses.{slug}"
        if not business.telegram and not business.whatsapp:
            yield f"{here}: no channel; expected [{here}.telegram] or [{here}.whatsapp]"
        if business.vendor.timeout_seconds >= settings.server.lease_seconds:
            yield (
                f"{here}.vendor.timeout_seconds: found {business.vendor.timeout_seconds:g}; "
                f"expected less than server.lease_seconds ({settings.server.lease_seconds:g})"
            )
        yield from _find_vendor_conflicts(here, business)
        yield from _find_staff_conflicts(here, business)
        if business.telegram:
            other = tokens.setdefault(business.telegram.token.get_secret_value(), here)
            if other != here:
                yield f"{here}.telegram.token: found the token of {other}; expected a bot of its own"
        if business.whatsapp:
            other = numbers.setdefault(business.whatsapp.phone_number_id, here)
            if other != here:
                yield f"{here}.whatsapp.phone_number_id: found the number of {other}; expected a number of its own"


def _find_vendor_conflicts(here: str, business: BusinessSettings) -> Iterator[str]:
    vendor = business.vendor
    if isinstance(vendor, ZenotiAccount):
        if not vendor.time_zones:
            yield f"{here}.vendor.time_zones: not set; expected a time zone for each center to be offered"
        keyless = [location for location in vendor.time_zones if location not in vendor.location_keys]
        if not vendor.api_key and (keyless or not vendor.location_keys):
            yield f"{here}.vendor.api_key: not set; expected one, or location_keys for every location in time_zones"
    if isinstance(vendor, SchedlyAccount):
        has_oauth = vendor.client_id and vendor.client_secret and vendor.refresh_token
        if not vendor.api_key and not has_oauth:
            yield f"{here}.vendor.api_key: not set; expected one, or client_id, client_secret and refresh_token"


def _find_staff_conflicts(here: str, business: BusinessSettings) -> Iterator[str]:
    for index, chat in enumerate(business.staff.chats):
        if getattr(business, chat.channel) is None:
            yield f"{here}.staff.chats[{index}].channel: found {chat.channel}; expected a channel that {here} has"
        known = business.vendor.time_zones
        for location in chat.locations:
            if known and location not in known:
                yield f"{here}.staff.chats[{index}].locations: found {location}; expected one of {', '.join(known)}"


def _place(settings: Settings, path: Path) -> Settings:
    """Make `data_dir` independent of the folder that the program is started in."""
    data_dir = (path.parent / settings.redis.data_dir).absolute()
    return settings.model_copy(update={"redis": settings.redis.model_copy(update={"data_dir": data_dir})})
