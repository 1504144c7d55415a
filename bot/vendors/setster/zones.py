"""Which zone a time of Setster's is in: numbers instead of names, and two zones where head office is elsewhere."""

import logging
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from bot.errors import VendorChanged
from bot.model import Location
from bot.vendors.rows import read_rows
from bot.vendors.setster.client import SetsterClient, SetsterSettings
from bot.vendors.setster.payloads import AccountRow, AppointmentRow, LocationRow, ZoneRow
from bot.vendors.setster.refusals import Refusal

log = logging.getLogger(__name__)


class Zones:
    """Zones by the settings first, then by Setster's own table, which is read once."""

    def __init__(self, client: SetsterClient, settings: SetsterSettings) -> None:
        self._client = client
        self._settings = settings
        self._names: dict[str, str] | None = None
        self._company: ZoneInfo | None = None

    async def find_location_zone(self, row: LocationRow) -> str:
        """IANA name, or empty where neither the settings nor Setster have one."""
        return self._settings.time_zones.get(row.id, "") or await self._find_name(row.timezone_id)

    async def read_listed(self, row: AppointmentRow, location: Location) -> tuple[datetime, datetime] | None:
        """Start and end of a record, in the location's zone.

        Wall clocks of a list are in the company's zone (wire notes, 5.3), unless the record names another one itself.
        """
        start, end = read_wall(row.start_date), read_wall(row.end_date)
        if start is None:
            return None
        zone = await self._find_record_zone(row, location, start)
        starts_at = start.replace(tzinfo=zone).astimezone(location.zone)
        return starts_at, end.replace(tzinfo=zone).astimezone(location.zone) if end else starts_at

    async def _find_record_zone(self, row: AppointmentRow, location: Location, start: datetime) -> ZoneInfo:
        name = await self._find_name(row.timezone_id)
        if name:
            return ZoneInfo(name)
        company = await self._find_company() or location.zone
        if row.timezone_offset_seconds is not None:
            for zone in (company, location.zone):
                offset = start.replace(tzinfo=zone).utcoffset()
                if offset is not None and offset.total_seconds() == row.timezone_offset_seconds:
                    return zone
        return company

    async def find_company_name(self) -> str:
        """IANA name, or empty."""
        company = await self._find_company()
        return company.key if company else ""

    async def _find_company(self) -> ZoneInfo | None:
        if self._company is None:
            name = self._settings.company_time_zone or await self._ask_company()
            self._company = ZoneInfo(name) if name else None
        return self._company

    async def _ask_company(self) -> str:
        try:
            return await self._find_name(AccountRow.model_validate(await self._client.read_account()).timezone_id)
        except (Refusal, VendorChanged, ValueError):
            log.warning("setster: the account's time zone could not be read")
            return ""

    async def _find_name(self, zone_id: str) -> str:
        """The IANA name behind a number, or empty."""
        if not zone_id:
            return ""
        if self._names is None:
            self._names = await self._read_names()
        return self._names.get(zone_id, "")

    async def _read_names(self) -> dict[str, str]:
        try:
            rows = read_rows(ZoneRow, await self._client.list_zones(), "zones", source="setster")
        except (Refusal, VendorChanged):
            log.warning("setster: the list of time zones could not be read")
            return {}
        known = available_timezones()
        return {row.id: row.name for row in rows if row.name in known}


def read_wall(text: str) -> datetime | None:
    """A wall clock `YYYY-MM-DD HH:MM[:SS]`, naive; None for what is none, the empty date included."""
    try:
        wall = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return wall if wall.tzinfo is None and wall.year > 1 and len(text.strip()) > len("2026-03-02") else None


def write_wall(moment: datetime, zone: ZoneInfo) -> str:
    """As create reads it: the location's wall clock."""
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def place_wall(wall: datetime, zone: ZoneInfo) -> datetime | None:
    """Aware, or None where the clocks skip it or show it twice: nothing on the wire could tell the two apart."""
    first, second = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    return first if first.utcoffset() == second.utcoffset() else None


def is_same_wall(text: str, moment: datetime, zone: Any) -> bool:
    """Whether a wall clock from the wire is that of `moment` in `zone`, to the minute."""
    wall = read_wall(text)
    return wall is not None and wall.replace(second=0) == moment.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)
