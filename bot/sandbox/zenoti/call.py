"""One API call as the handlers see it, and the ways in which Zenoti says no (§2)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.sandbox.zenoti.catalogue import Center, Organization, Service, Therapist

Json = dict[str, Any]

DEFAULT_PAGE_SIZE = 10
"""§6."""
LARGEST_PAGE_SIZE = 100
"""§6: more is error 422."""

BAD_REQUEST, NO_SUCH_ID, INPUT_MISSING = 400, 502, 503
"""Zenoti's own numbers, not HTTP's (§2)."""


class Refusal(Exception):
    """The call is understood and refused; the operation decides on the shape and casing."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class PagingRefusal(Exception):
    """More rows asked than allowed: shape C, bare."""


def lower_keys(value: Any) -> Any:
    """JSON with every object key in lower case: Zenoti's binding ignores case."""
    if isinstance(value, dict):
        return {str(key).lower(): lower_keys(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [lower_keys(inner) for inner in value]
    return value


def read_flag(value: Any) -> bool:
    """True for true, "true", 1 and "1": flags are accepted as strings (§17.1)."""
    return str(value).strip().lower() in ("true", "1")


def read_text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def read_object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def read_rows(value: Any) -> list[Json]:
    return [read_object(row) for row in value] if isinstance(value, list) else []


def read_int(value: Any, default: int) -> int:
    try:
        return int(str(value))
    except ValueError:
        return default


def read_date(value: Any) -> date | None:
    """The calendar date in `YYYY-MM-DD`, with or without a time behind it."""
    try:
        return date.fromisoformat(read_text(value)[:10])
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks for what. Path ids are lower case, query names and body keys too."""

    organization: Organization
    now: datetime
    """Aware, UTC, by the sandbox clock."""
    ids: dict[str, str]
    query: dict[str, list[str]]
    body: Json

    def text(self, name: str) -> str:
        return self.query[name][0].strip() if name in self.query else ""

    def flag(self, name: str) -> bool:
        return read_flag(self.text(name))

    @property
    def expands(self) -> frozenset[str]:
        return frozenset(word.strip().lower() for value in self.query.get("expand", []) for word in value.split(","))

    def find_center(self) -> Center:
        """The center of the path. Raises `Refusal` 502."""
        center = self.organization.find_center(self.ids["center_id"])
        if center is None:
            raise Refusal(NO_SUCH_ID, "Invalid center id.")
        return center

    def find_service(self, center: Center) -> Service:
        """The service of the path. Raises `Refusal` 502."""
        service = self.organization.services.get(self.ids["service_id"])
        if service is None or service.id not in center.prices:
            raise Refusal(NO_SUCH_ID, "Invalid service id.")
        return service

    def cut_page(self, rows: list[Json]) -> tuple[list[Json], Json]:
        """The rows of the page asked for, and its paging block. Raises `PagingRefusal`."""
        size = read_int(self.text("size"), DEFAULT_PAGE_SIZE)
        page = max(1, read_int(self.text("page"), 1))
        if size > LARGEST_PAGE_SIZE:
            raise PagingRefusal
        size = max(1, size)
        return rows[(page - 1) * size : page * size], {"total": len(rows), "page": page, "size": size}


def find_skilled(center: Center, service: Service) -> list[Therapist]:
    return [therapist for therapist in center.therapists if service.id in therapist.service_ids]
