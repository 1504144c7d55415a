import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.errors import VendorChanged
from bot.model import AppointmentStatus, Location, Money
from bot.vendors.whautomate.mapping import (
    is_noted,
    is_standing,
    map_appointment,
    map_location,
    map_openings,
    map_services,
    read_appointment,
    read_appointments,
)
from bot.vendors.whautomate.payloads import AppointmentRow, LocationRow, ServiceRow

SAO_PAULO = Location("loc1", "Centro", "America/Sao_Paulo", "BRL", "BR")
LISBON = Location("loc1", "Harbour", "Europe/Lisbon", "EUR", "PT")
DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

CAPTURED = """{"id":"apA","location":{"id":"loc1","title":"Centro"},"client":{"id":"cl1","fullName":"Noor H"},
"staff":{"id":"st1","name":"Ike B"},"date":"2026-03-02T00:00:00.000Z","time":"04:39 PM","timezone":"America/Sao_Paulo",
"startTimeUTC":"2026-03-02T19:39:00.000Z","startTime":"2026-03-02T16:39:00.000Z","endTimeUTC":"2026-03-02T20:39:00.000Z",
"endTime":"2026-03-02T17:39:00.000Z","service":{"id":"svcA","name":"Deep tissue","durationMinutes":60,"sellingPrice":100.27},
"addOnServices":[],"bookedFrom":"Admin Portal","status":"Booked","appointmentType":"LOCATION_VISIT","paymentStatus":""}"""
"""Values as captured (wire notes, section 5)."""


def appointment(**changes: Any) -> AppointmentRow:
    row = read_appointment(json.loads(CAPTURED) | changes)
    assert row is not None
    return row


def service(**changes: Any) -> ServiceRow:
    row = {"id": "svcA", "serviceType": "APPOINTMENT", "name": "Deep tissue", "location": {"id": "loc1"}, "durationMinutes": 60}
    row |= {"categories": [{"id": "c1", "name": "Massage"}], "type": "LOCATION_VISIT", "sellingPrice": 55.5, "active": True}
    return ServiceRow.model_validate(row | {"allowOnlineBooking": True} | changes)


def days(*entries: tuple[str, list[str]], zone: str = "Europe/Lisbon") -> list[dict[str, Any]]:
    return [
        {"date": f"{day}T00:00:00.000Z", "timezone": zone, "slots": [{"startTime": text, "endTime": ""} for text in texts]}
        for day, texts in entries
    ]


# ── Appointments ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_local_time_that_says_z_is_not_believed() -> None:
    found = map_appointment(appointment(), SAO_PAULO)
    assert found.starts_at.isoformat() == "2026-03-02T16:39:00-03:00"
    assert (found.ends_at - found.starts_at, found.staff_name, found.customer_id) == (timedelta(hours=1), "Ike B", "cl1")
    assert (found.service_id, found.service_name, found.status) == ("svcA", "Deep tissue", AppointmentStatus.BOOKED)


def test_without_an_end_the_services_say_how_long_it_takes() -> None:
    row = appointment(endTimeUTC=None, addOnServices=[{"id": "svcB", "name": "Aroma oil", "durationMinutes": 15}])
    found = map_appointment(row, SAO_PAULO)
    assert found.ends_at - found.starts_at == timedelta(minutes=75)


@pytest.mark.parametrize(
    ("word", "status", "stands"),
    [
        ("Booked", AppointmentStatus.BOOKED, True),
        ("BOOKED", AppointmentStatus.BOOKED, True),
        ("Rescheduled", AppointmentStatus.BOOKED, True),
        ("Visited", AppointmentStatus.DONE, True),
        ("No-Show", AppointmentStatus.NO_SHOW, False),
        ("no show", AppointmentStatus.NO_SHOW, False),
        ("Cancelled", AppointmentStatus.CANCELLED, False),
        ("Waitlisted", AppointmentStatus.UNKNOWN, False),
        ("Elsewhere", AppointmentStatus.UNKNOWN, True),
        ("", AppointmentStatus.UNKNOWN, True),
    ],
)
def test_statuses_are_read_in_any_spelling(word: str, status: AppointmentStatus, stands: bool) -> None:
    row = appointment(status=word)
    assert (map_appointment(row, SAO_PAULO).status, is_standing(row)) == (status, stands)


@pytest.mark.parametrize("changes", [{"id": None}, {"startTimeUTC": None}, {"startTimeUTC": "16:39"}, {"startTimeUTC": {}}])
def test_an_appointment_that_cannot_be_placed_is_none_alone_and_an_error_in_a_list(changes: dict[str, Any]) -> None:
    row = json.loads(CAPTURED) | changes
    assert read_appointment(row) is None
    with pytest.raises(VendorChanged):
        read_appointments([json.loads(CAPTURED), row])


@pytest.mark.parametrize(
    ("notes", "expected"), [("", None), ("allergic to oil", None), ("[FD-1] thanks", True), ("[FD-2]", False), ("[FD-12]", False)]
)
def test_notes_tell_ours_from_anothers_only_where_there_are_any(notes: str, expected: bool | None) -> None:
    assert is_noted(appointment(notes=notes), "FD-1") is expected


# ── Times ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_slots_keep_the_vendors_own_spelling() -> None:
    found = map_openings(days(("2026-03-02", ["04:30 PM", "9:30 am", "09:30 AM"])), LISBON, DAY, now=NOW)
    assert [(slot.starts_at.hour, slot.handle) for slot in found.slots] == [(9, "9:30 am"), (16, "04:30 PM")]


def test_other_days_are_told_of_and_missing_ones_have_nothing() -> None:
    found = map_openings(days(("2026-03-03", []), ("2026-03-04", ["09:30 AM"])), LISBON, DAY, now=NOW)
    assert (found.slots, found.later) == ((), {date(2026, 3, 3): False, date(2026, 3, 4): True})


def test_past_times_are_not_offered() -> None:
    now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    found = map_openings(days(("2026-03-02", ["11:45 AM", "12:00 PM", "12:15 PM"])), LISBON, DAY, now=now)
    assert [slot.handle for slot in found.slots] == ["12:15 PM"]


def test_times_of_another_zone_are_refused_rather_than_misread() -> None:
    with pytest.raises(VendorChanged, match="time zone"):
        map_openings(days(("2026-03-02", ["09:30 AM"]), zone="Asia/Kolkata"), LISBON, DAY, now=NOW)


@pytest.mark.parametrize("data", [{}, None, "text", [{"date": None}], [{"date": "x"}], [{"date": "2026-03-02", "slots": [{}]}]])
def test_an_answer_that_is_not_understood_says_so(data: Any) -> None:
    with pytest.raises(VendorChanged):
        map_openings(data, LISBON, DAY, now=NOW)


# ── Catalogue ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_service_costs_major_units_of_the_locations_currency() -> None:
    found = map_services([service()], LISBON)[0]
    assert (found.price, found.duration, found.category) == (Money(5550, "EUR"), timedelta(hours=1), "Massage")


@pytest.mark.parametrize(
    "changes",
    [
        {"active": False},
        {"active": None},
        {"allowOnlineBooking": False},
        {"serviceType": "CLASS"},
        {"type": "HOME_VISIT"},
        {"location": {"id": "loc2"}},
    ],
)
def test_only_what_one_customer_can_book_and_come_for_is_offered(changes: dict[str, Any]) -> None:
    assert map_services([service(**changes)], LISBON) == ()


@pytest.mark.parametrize(
    ("zone", "currency", "expected"),
    [
        ("Europe/Lisbon", "", ("PT", "EUR")),
        ("America/New_York", "", ("US", "USD")),
        ("Asia/Kolkata", "", ("IN", "INR")),
        ("Europe/Lisbon", "GBP", ("PT", "GBP")),
        ("UTC", "", ("", "")),
    ],
)
def test_a_location_is_named_by_its_title_and_counts_in_the_currency_of_its_country(
    zone: str, currency: str, expected: tuple[str, str]
) -> None:
    row = LocationRow.model_validate({"id": "loc1", "title": "Harbour", "addressLine1": "Rua da Bica 14", "city": "Lisboa"})
    found = map_location(row, time_zone=zone, currency=currency)
    assert (found.name, found.address, found.country, found.currency) == ("Harbour", "Rua da Bica 14, Lisboa", *expected)
