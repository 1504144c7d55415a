"""Which vendors run through the contract tests, and with which of their emulator's switches turned."""

from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

from bot.sandbox.vendors import EMULATORS
from tests.vendors import schedly, setster, whautomate, zenoti
from tests.vendors.turning import Turning
from tests.vendors.world import Case

TURNINGS: dict[str, Turning] = {
    "zenoti": zenoti.TURNING,
    "schedly": schedly.TURNING,
    "setster": setster.TURNING,
    "whautomate": whautomate.TURNING,
}


def list_cases(slug: str) -> Iterator[Case]:
    """As it stands, then every other value of every switch that has few, then what the vendor's file adds."""
    yield Case(slug)
    turning = TURNINGS[slug]
    for name, hint in get_type_hints(turning.switches, include_extras=True).items():
        if name in turning.left_out or name.startswith(("_", "model_")):
            continue
        standing = getattr(turning.switches(), name)
        for value in _list_values(hint):
            if value != standing:
                yield Case(slug, {name: value})
    for switches in turning.more:
        yield Case(slug, switches)


def _list_values(hint: Any) -> tuple[Any, ...]:
    """All values of a switch that has few; none of one that has many."""
    origin = get_origin(hint)
    if hint is bool:
        return (False, True)
    if origin is Literal:
        return get_args(hint)
    if origin is Annotated:
        return _list_values(get_args(hint)[0])
    if origin in (Union, UnionType):
        return tuple(value for one in get_args(hint) if one is not NoneType for value in _list_values(one))
    return ()


PLAIN = tuple(Case(slug) for slug in EMULATORS)
ALL = tuple(case for slug in EMULATORS for case in list_cases(slug))
each_vendor = pytest.mark.parametrize("case", PLAIN, ids=str)
each_switch = pytest.mark.parametrize(
    "case", [pytest.param(case, marks=pytest.mark.switches if case.switches else ()) for case in ALL], ids=str
)
"""As it stands and, with `make vendors`, with every switch turned."""
