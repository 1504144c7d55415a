"""What a wish and an appointment are called, to the customer and to staff."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from bot.conversation.contract import GaveUp, Text, Value
from bot.model import Appointment, BookingRequest
from flows.draft import Draft
from flows.reading.people import show_phone


def describe_appointment(appointment: Appointment, names: Mapping[str, str]) -> Text:
    """In full words, from the vendor's record; `names` are those the summary was told with."""
    is_picked = bool(appointment.staff_id) and appointment.staff_id.lower() == names.get("staff", "").lower()
    staff = appointment.staff_name or (names.get("staff_name", "") if is_picked else "")  # a record may name nobody, by id alone
    who = Text("who.staff", {"staff": staff}) if staff else Text("who.later")
    values: dict[str, Value] = {"when": appointment.starts_at, "service": appointment.service_name, "who": who}
    values["location"] = names.get("location_name", "")
    if zone := names.get("zone"):
        return Text("what.appointment_zone", {**values, "zone": zone})
    return Text("what.appointment", values)


def describe_request(request: BookingRequest, names: Mapping[str, str]) -> Text:
    """Short, for a customer who knows what they wanted."""
    service = names.get("service_name", "")
    if (task := names.get("task", "book")) != "book":
        key = "what.moving" if task == "move" else "what.cancelling"
        return Text(key, {"service": service or Text("what.appointment_bare"), "when": request.starts_at})
    return Text("what.request" if service else "what.request_bare", {"service": service, "when": request.starts_at})


def describe_customer(request: BookingRequest) -> str:
    contact = request.contact
    return ", ".join(detail for detail in (contact.name, contact.phone and show_phone(contact.phone), contact.email) if detail)


def describe_task(request: BookingRequest, names: Mapping[str, str], key: str) -> Text:
    """Everything a person needs to decide: who wanted what, when and where, and our reference in the vendor's note."""
    return Text(key, _list_facts(request, names))


def describe_unsettled(request: BookingRequest, names: Mapping[str, str], outcome: GaveUp) -> Text:
    """The same, and what is known of its outcome."""
    facts = _list_facts(request, names)
    if outcome.since is None:
        return Text("staff.failed", facts)
    # Not in the zone of the request: written down, that has become an offset, and summer time may lie between.
    zone = names.get("location_zone")
    facts["since"] = outcome.since.astimezone(ZoneInfo(zone) if zone else request.starts_at.tzinfo)
    facts["found"] = Text("staff.record_silent" if outcome.is_silent else "staff.record_empty")
    return Text("staff.failed_since", facts, count=outcome.looks)


def describe_reach(draft: Draft, names: Mapping[str, str]) -> str:
    """How to reach the place without us, as far as it is known: number and address."""
    phone = draft.turn.business.phone
    return ", ".join(part for part in (show_phone(phone) if phone else "", names.get("location_address", "")) if part)


def _list_facts(request: BookingRequest, names: Mapping[str, str]) -> dict[str, Value]:
    return {
        "who": describe_customer(request),
        "when": request.starts_at,
        "service": names.get("service_name", "") or request.service_id,
        "staff": names.get("staff_name", "") or Text("who.anyone"),
        "location": names.get("location_name", "") or request.location_id,
        "reference": request.reference,
    }
