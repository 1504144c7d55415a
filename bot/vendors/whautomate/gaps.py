"""What an account lacks, for `frontdesk check`: one read of services, staff and this week's appointments per location."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.model import Location
from bot.vendors.whautomate.client import WhautomateClient
from bot.vendors.whautomate.mapping import map_services, read_appointments
from bot.vendors.whautomate.payloads import LocationRow
from bot.vendors.whautomate.roster import Roster
from bot.vendors.whautomate.times import is_other_zone, read_utc

WEEK = timedelta(days=7)


async def list_gaps(
    client: WhautomateClient, roster: Roster, locations: Sequence[Location], *, left_out: Sequence[LocationRow], now: datetime
) -> tuple[str, ...]:
    """`left_out`: locations of the account that the settings do not name. Raises `Refusal`, as its readers do."""
    gaps = [f"location {row.id} ({row.title}) is not offered until its zone stands under time_zones" for row in left_out]
    for location in locations:
        if not location.currency:
            gaps.append(f"{location.name}: set currency, or prices are not shown")
        gaps += await _check_services(roster, location)
        gaps += await _check_zone(client, location, now)
    return tuple(gaps)


async def _check_services(roster: Roster, location: Location) -> list[str]:
    services = map_services(await roster.list_services(location.id), location)
    if not services:
        return [f"{location.name}: no service is active, of the type appointment and allowed to be booked online"]
    idle = [one.name for one in services if not await roster.list_staff(location.id, one.id)]
    return [f"{location.name}: nobody performs {', '.join(idle)}"] if idle else []


async def _check_zone(client: WhautomateClient, location: Location, now: datetime) -> list[str]:
    """No answer about a location names its zone; its appointments do."""
    today = now.astimezone(location.zone).date()
    rows = read_appointments(await client.list_appointments(location.id, start=today - WEEK, end=today + WEEK))
    for row in rows:
        starts_at = read_utc(row.starts)
        if row.zone and starts_at and is_other_zone(row.zone, location.zone, starts_at.date()):
            return [f"{location.name}: appointments are kept in {row.zone}, time_zones says {location.time_zone}"]
    return []
