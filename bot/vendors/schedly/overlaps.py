"""Whether somebody had the time first, where the vendor itself may have let two people have it."""

import logging
from datetime import timedelta

from bot.errors import FrontdeskError, OutcomeUnknown
from bot.model import Appointment, Location
from bot.vendors.bucket import Priority
from bot.vendors.schedly.changes import Changes
from bot.vendors.schedly.client import SchedlyClient
from bot.vendors.schedly.mapping import map_appointment, write_instant
from bot.vendors.schedly.payloads import SOURCE, AppointmentRow, read_rows
from bot.vendors.schedly.refusals import Refusal

log = logging.getLogger(__name__)

AROUND = timedelta(hours=24)
"""How far before a booking one that overlaps it may begin, and to which end of the list times are compared is not documented."""


class Overlaps:
    """Two who book one time at once both look afterwards; the lower id, which is the older, keeps it."""

    def __init__(self, client: SchedlyClient, changes: Changes) -> None:
        self._client = client
        self._changes = changes

    async def give_way(self, location: Location, made: Appointment, *, reference: str) -> bool:
        """Cancel `made` if the same person had an older appointment then, and say so. Raises `OutcomeUnknown`.

        Where the look itself fails, the booking stands: it is in the record.
        """
        if not await self._is_second(location, made, reference):
            return False
        try:
            await self._changes.cancel(location, made, reference=reference)
        except FrontdeskError as error:
            reason = f"booked twice over, and not cancelled: {type(error).__name__}"
            raise OutcomeUnknown(reason, source=SOURCE, verb="create", reference=reference) from None
        return True

    async def _is_second(self, location: Location, made: Appointment, reference: str) -> bool:
        query = (
            ("employeeId", made.staff_id),
            ("from", write_instant(made.starts_at - AROUND)),
            ("to", write_instant(made.ends_at + AROUND)),
        )
        try:
            data = await self._client.list_appointments(query, priority=Priority.CONFIRM, reference=reference)
            rows = read_rows(AppointmentRow, data, "appointments")
        except (Refusal, FrontdeskError) as error:
            log.warning("schedly: booked, and not known whether somebody was first [%s]: %s", reference, type(error).__name__)
            return False
        return any(_is_before(row, location, made) for row in rows)


def _is_before(row: AppointmentRow, location: Location, made: Appointment) -> bool:
    """Whether this is an older live appointment of the same person that overlaps."""
    other = map_appointment(row, location, customer_id="")
    if other is None or not other.status.is_live or int(row.id) >= int(made.id):
        return False
    is_same = other.staff_id == made.staff_id if other.staff_id else other.staff_name == made.staff_name != ""
    begins, ends = other.starts_at.timestamp(), other.ends_at.timestamp()
    return is_same and begins < made.ends_at.timestamp() and made.starts_at.timestamp() < ends
