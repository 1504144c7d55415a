"""One line of the appointment book."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.sandbox.salon.business import Business, Person, Place, Treatment

Status = Literal["booked", "cancelled", "no_show", "done"]


@dataclass(slots=True)
class Visit:
    """An appointment, or a break of somebody (without treatment and guest). Aware UTC."""

    number: int
    """Counting up from 1 over the whole book."""
    business: Business
    place: Place
    person: Person
    treatment: Treatment | None
    start: datetime
    end: datetime
    created_at: datetime
    guest_name: str = ""
    guest_phone: str = ""
    guest_email: str = ""
    guest_id: int = 0
    """`Guest.number`, where the guest is in the card index."""
    note: str = ""
    status: Status = "booked"
    is_from_bot: bool = False
    visible_at: datetime | None = None
    """Not to be shown by the API's lists before, where they lag behind."""
    extra: dict[str, Any] = field(default_factory=dict)
    """What only the vendor keeps."""

    @property
    def blocked_until(self) -> datetime:
        """End plus recovery time: the person is busy, the guest is not."""
        return self.end + timedelta(minutes=0 if self.treatment is None else self.treatment.recovery_minutes)

    @property
    def takes_time(self) -> bool:
        return self.status in ("booked", "done")

    def local(self, moment: datetime) -> datetime:
        """`moment` in the place's wall time, naive."""
        return moment.astimezone(self.place.zone).replace(tzinfo=None)
