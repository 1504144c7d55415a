"""What a change is called, to the customer and to staff."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from bot.conversation.contract import Task, Text, Value
from bot.model import Appointment, BookingRequest
from flows.booking.telling import describe_customer, describe_request
from flows.draft import read_start


def describe_change(request: BookingRequest, names: Mapping[str, str], task: Task) -> Text:
    """ "Moving Haircut to tomorrow, Saturday 21 November, 17:00"."""
    return describe_request(request, {**names, "task": task})


def describe_old(names: Mapping[str, str], appointment: Appointment | None) -> Text:
    """When the moved appointment was."""
    if appointment is not None:
        return Text("what.request_bare", {"when": appointment.starts_at})
    zone = names.get("location_zone", "")
    start = read_start(names.get("from", ""), ZoneInfo(zone)) if zone else None
    return Text("what.request_bare", {"when": start}) if start else Text("what.other_time")


def describe_task(
    request: BookingRequest, names: Mapping[str, str], key: str, *, task: Task, appointment: Appointment | None
) -> Text:
    """Everything a person needs: whose, what, from when to when, and our reference."""
    facts: dict[str, Value] = {
        "when": request.starts_at,
        "service": names.get("service_name", "") or request.service_id,
        "location": names.get("location_name", "") or request.location_id,
    }
    if task == "move":
        facts["old"] = describe_old(names, appointment)
    doing = Text("staff.moving" if task == "move" else "staff.cancelling", facts)
    return Text(key, {"doing": doing, "who": describe_customer(request), "reference": request.reference})
