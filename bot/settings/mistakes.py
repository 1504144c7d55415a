"""A mistake in the settings, said so that it can be mended: key, what was found, what is expected. Never a secret."""

import json
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.settings.model import Settings

SAFE_TO_SHOW = frozenset(
    {"host", "port", "lease_seconds", "max_connections", "languages", "kind", "timeout_seconds", "time_zones", "mode"}
    | {"channel", "events", "public_url", "base_url", "api_url", "graph_url", "data_dir"}
)
"""Keys whose value an error may repeat. Anything else may be a secret, or a secret put in the wrong place."""

LONGEST_SHOWN = 60

_KINDS: Mapping[type, str] = {
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "a table",
}

Path = tuple[str | int, ...]


def describe(error: ValidationError, raw: Mapping[str, Any], variables: Mapping[Path, str]) -> Iterator[str]:
    """One line for each mistake. `variables` names the variable where a value came from the environment."""
    for mistake in error.errors(include_url=False, include_input=False):
        yield _describe(mistake, raw, variables)


def spell(path: Iterable[str | int]) -> str:
    """`businesses.harbour.staff.chats[0].events`"""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def _describe(mistake: ErrorDetails, raw: Mapping[str, Any], variables: Mapping[Path, str]) -> str:
    path, models, description = _walk(mistake["loc"], raw)
    where = spell(path)
    match mistake["type"]:
        case "missing":
            return f"{where}: not set; expected {description}"
        case "extra_forbidden":
            return f"{where}: unknown key; {_suggest(str(path[-1]), models)}"
        case "union_tag_not_found":
            return f"{where}.kind: not set; expected one of {', '.join(_tags())}"
        case "union_tag_invalid":
            path = (*path, "kind")
            return f"{where}.kind: found {_show(path, raw, variables)}; expected one of {', '.join(_tags())}"
    found = f"the key {json.dumps(path[-1])}" if mistake["loc"][-1] == "[key]" else _show(path, raw, variables)
    if mistake["type"] == "unexpected":
        description = mistake["ctx"]["expected"] or description
    return f"{where}: found {found}; expected {description}"


def _walk(loc: Path, raw: Mapping[str, Any]) -> tuple[Path, list[type[BaseModel]], str]:
    """The path as it stands in the file, the tables its last key may belong to, and what its field expects."""
    path: list[str | int] = []
    models: list[type[BaseModel]] = [Settings]
    owners = models
    description = "something else"
    here: Any = raw
    for part in loc:
        if part in _tags() and not (isinstance(here, dict) and part in here):
            models = [model for model in models if _tag_of(model) == part]  # pydantic names the kind it chose
            continue
        if part == "[key]" or (isinstance(part, int) and not isinstance(here, list)):
            continue  # pydantic's way to speak of a key, and our way to read one secret as a list of one
        path.append(part)
        here = here[part] if part in here or isinstance(part, int) else None
        owners = models
        fields = [model.model_fields[str(part)] for model in models if part in model.model_fields]
        if fields:
            description = fields[0].description or description
            models = [model for field in fields for model in _models_in(field.annotation)]
    return tuple(path), owners, description


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]


def _tags() -> list[str]:
    business = _models_in(Settings.model_fields["businesses"].annotation)[0]
    return [_tag_of(model) for model in _models_in(business.model_fields["vendor"].annotation)]


def _tag_of(model: type[BaseModel]) -> str:
    return str(get_args(model.model_fields["kind"].annotation)[0]) if "kind" in model.model_fields else ""


def _suggest(key: str, models: list[type[BaseModel]]) -> str:
    known = [name for model in models for name in model.model_fields]
    near = get_close_matches(key, known, n=1)
    return f"did you mean {near[0]}?" if near else f"expected one of {', '.join(known)}"


def _show(path: Path, raw: Mapping[str, Any], variables: Mapping[Path, str]) -> str:
    """The value if it is certainly no secret, else only what kind of value it is, and the variable it came from."""
    value: Any = raw
    for part in path:
        value = value[part]
    kind = "an empty text" if value == "" else _KINDS.get(type(value), "something else")
    if path in variables:
        return f"env:{variables[path]} ({kind})"
    has_secrets = any(known[: len(path)] == path for known in variables) or not {"@", "?"}.isdisjoint(
        str(value)
    )  # a login or a key in an address
    if has_secrets or SAFE_TO_SHOW.isdisjoint(part for part in path if isinstance(part, str)):
        return kind
    return json.dumps(value, ensure_ascii=False, default=str)[:LONGEST_SHOWN]
