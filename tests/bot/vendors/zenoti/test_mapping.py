from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.errors import VendorChanged
from bot.model import Appointment, AppointmentStatus, BookingRequest, Contact, Location, Money
from bot.vendors.zenoti.mapping import (
    find_made,
    map_confirmed,
    map_line,
    map_openings,
    map_services,
    map_therapists,
    read_wall_clock,
    write_note,
)
from bot.vendors.zenoti.payloads import GroupRow, ServiceRow, TherapistRow

NEW_YORK = Location("c1", "Brooklyn", "America/New_York", "USD", "US")
LISBON = ZoneInfo("Europe/Lisbon")
NOW = datetime(2026, 7, 20, 13, 0, tzinfo=UTC)
DAY = date(2026, 7, 20)


def service(**changes: Any) -> ServiceRow:
    row: dict[str, Any] = {
        "id": "s1",
        "name": "Swedish Massage 60",
        "duration": 60,
        "price_info": {"sale_price": 100, "include_tax": False, "tax": 8, "price_without_tax": 100, "final_price": 108},
        "additional_info": {"category": {"id": "k1", "name": "Massage"}},
        "catalog_info": {"show_in_catalog": True, "can_book": True, "show_price": True, "display_name": "", "display_price": ""},
        "variants_info": {"is_variant": False, "has_variant": False},
        "add_ons_info": {"is_add_on": False},
    }
    for name, value in changes.items():
        row[name] = {**row[name], **value} if isinstance(row.get(name), dict) and isinstance(value, dict) else value
    return ServiceRow.model_validate(row)


@pytest.mark.parametrize(
    "changes",
    [
        {"catalog_info": {"can_book": False}},
        {"catalog_info": {"show_in_catalog": False}},
        {"add_ons_info": {"is_add_on": True}},
        {"variants_info": {"has_variant": True}},
        {"is_couple_service": True},
    ],
)
def test_what_one_guest_cannot_book_is_not_offered(changes: dict[str, Any]) -> None:
    assert len(map_services([service(), service(id="s2", **changes)], "USD")) == 1


def test_services_that_do_not_say_whether_they_can_be_booked_are_a_changed_vendor() -> None:
    with pytest.raises(VendorChanged):
        map_services([service(catalog_info=None)], "USD")


@pytest.mark.parametrize(
    ("changes", "cents"),
    [
        ({}, 10800),
        ({"price_info": {"final_price": None}}, 10800),
        ({"price_info": {"final_price": None, "price_without_tax": None}}, 10000),
        ({"price_info": {"final_price": 0}}, 0),
        ({"price_info": {"final_price": "19.995"}}, 2000),
        ({"price_info": None}, None),
        ({"catalog_info": {"show_price": False}}, None),
        ({"catalog_info": {"display_price": "from 90"}}, None),
    ],
)
def test_the_price_is_the_one_with_tax(changes: dict[str, Any], cents: int | None) -> None:
    price = map_services([service(**changes)], "USD")[0].price
    assert price == (None if cents is None else Money(cents, "USD"))


def test_a_display_name_wins_and_nothing_lasts_less_than_nothing() -> None:
    found = map_services([service(catalog_info={"display_name": "Swedish"}, duration=-5)], "USD")[0]
    assert (found.name, found.duration, found.category) == ("Swedish", timedelta(), "Massage")


def test_therapists_come_from_either_list() -> None:
    rows = [
        {"id": "h1", "personal_info": {"first_name": "Ana", "last_name": "Ruiz", "name": "Ana Ruiz", "gender": "0"}},
        {"id": "h2", "name": "Leo R", "display_name": "Leo", "can_book": True},
        {"id": "h3", "name": "Old Hand", "can_book": False},
        {"id": "h4"},
    ]
    found = map_therapists([TherapistRow.model_validate(row) for row in rows])
    assert [(one.id, one.name) for one in found] == [("h1", "Ana Ruiz"), ("h2", "Leo")]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-07-20T14:00:00", "2026-07-20T13:00:00"),
        ("2026-01-20T14:00:00", "2026-01-20T14:00:00"),
        ("2026-10-25T01:30:00", "2026-10-25T00:30:00"),  # said twice: the first
        ("2026-03-29T01:30:00", None),  # skipped
        ("2026-07-20T14:00:00Z", None),
        ("2026-07-20T14:00:00+01:00", None),
        ("2026-07-20", None),
        ("0001-01-01T00:00:00", None),
        ("9999-12-31T23:59:59", "9999-12-31T23:59:59"),
        ("soon", None),
        ("", None),
    ],
)
def test_a_time_is_the_centers_wall_clock(text: str, utc: str | None) -> None:
    found = read_wall_clock(text, LISBON)
    assert (found.astimezone(UTC).replace(tzinfo=None).isoformat() if found else None) == utc


def slot(time: str, **more: Any) -> dict[str, Any]:
    return {"time": time, "warnings": None, "priority": 0, "available": True, "saleprice": None, **more}


def test_openings_are_free_unrepeated_ascending_and_ahead() -> None:
    rows = [
        slot("2026-07-20T10:00:00", saleprice=12.5),
        slot("2026-07-20T09:15:00"),
        slot("2026-07-20T10:00:00"),
        slot("2026-07-20T11:00:00", available=False, warnings=[{"type": 0}]),
        slot("2026-07-20T08:45:00"),  # 12:45 UTC, past
        slot("2026-07-21T10:00:00"),  # another day
        {"time": "2026-07-20T12:00:00"},  # no flag: available
        slot("2026-07-20T13:00:00Z"),
        {"available": True},
        7,
    ]
    future = [
        {"day": "2026-07-21T00:00:00", "isavailable": True},
        {"day": "2026-07-22T00:00:00", "isavailable": False},
        {"day": "2026-07-23T00:00:00"},
        None,
    ]
    data = {"slots": rows, "future_days": future, "next_available_day": "2026-07-21T00:00:00"}
    found = map_openings(data, NEW_YORK, DAY, now=NOW)
    assert [one.handle[11:16] for one in found.slots] == ["09:15", "10:00", "12:00"]
    assert found.slots[1].price == Money(1250, "USD")
    assert found.slots[0].starts_at.utcoffset() == timedelta(hours=-4)
    assert found.later == {date(2026, 7, 21): True, date(2026, 7, 22): False}
    assert found.next_day == date(2026, 7, 21)


@pytest.mark.parametrize(
    "more", [{}, {"future_days": None}, {"future_days": "soon", "next_available_day": 3}, {"future_days": [1]}]
)
def test_nothing_free_is_an_answer(more: dict[str, Any]) -> None:
    found = map_openings({"slots": [], **more}, NEW_YORK, DAY, now=NOW)
    assert (found.slots, found.later, found.next_day) == ((), {}, None)


REQUEST = BookingRequest(
    "FD-1",
    "c1",
    "s1",
    datetime(2026, 7, 20, 10, 0, tzinfo=NEW_YORK.zone),
    "2026-07-20T10:00:00",
    Contact("Mia Chen"),
)


def group(notes: str | None = None, center: str = "c1", **line: Any) -> GroupRow:
    row = {
        "appointment_id": "ap1",
        "invoice_item_id": "ii1",
        "service": {"id": "S1", "name": "Swedish Massage 60", "display_name": None},
        "requested_therapist_id": "h1",
        "start_time": "2026-07-20T10:00:00",
        "end_time": "2026-07-20T11:00:00",
        "appointment_status": 0,
        **line,
    }
    return GroupRow.model_validate(
        {"appointment_group_id": "ag1", "invoice_id": "inv1", "center_id": center, "notes": notes, "appointment_services": [row]}
    )


@pytest.mark.parametrize(
    ("groups", "found"),
    [
        ([group()], "ap1"),
        ([group(), group(write_note("FD-1"), appointment_id="ap2")], "ap2"),
        ([group("see [FD-1] please")], "ap1"),
        ([group("[FD-2]")], None),
        ([group("likes tea")], "ap1"),
        ([group(write_note("FD-1"), appointment_status=-1)], None),
        ([group(appointment_status=-2)], None),
        ([group(appointment_status=77)], "ap1"),
        ([group(center="c2")], None),
        ([group(start_time="2026-07-20T10:15:00")], None),
        ([group(service={"id": "s2"})], None),
        ([], None),
    ],
)
def test_our_appointment_is_told_from_others(groups: list[GroupRow], found: str | None) -> None:
    appointment = find_made(groups, NEW_YORK, REQUEST, "g1")
    assert (appointment.id if appointment else None) == found


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (-2, AppointmentStatus.NO_SHOW),
        (-1, AppointmentStatus.CANCELLED),
        (0, AppointmentStatus.BOOKED),
        (1, AppointmentStatus.DONE),
        (2, AppointmentStatus.ARRIVED),
        ("4", AppointmentStatus.CONFIRMED),
        (21, AppointmentStatus.CANCELLED),
        (10, AppointmentStatus.UNKNOWN),
        (123, AppointmentStatus.UNKNOWN),
        (None, AppointmentStatus.UNKNOWN),
    ],
)
def test_status_numbers_become_words(number: object, status: AppointmentStatus) -> None:
    row = group(appointment_status=number)
    appointment = map_line(row, row.lines[0], "c1", NEW_YORK.zone, "g1")
    assert isinstance(appointment, Appointment)
    assert appointment.status is status
    assert appointment.vendor_ids == {"invoice_id": "inv1", "invoice_item_id": "ii1", "appointment_group_id": "ag1"}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"invoice": None},
        {"invoice": {"items": []}},
        {"invoice": {"items": [{}]}},
        {"invoice": {"items": [{"appointment_id": ""}]}},
    ],
)
def test_a_confirm_without_an_appointment_id_proves_nothing(data: Any) -> None:
    assert map_confirmed(data, NEW_YORK, REQUEST, "g1") is None


def test_a_confirm_without_therapist_and_end_is_enough() -> None:
    found = map_confirmed({"invoice": {"items": [{"appointment_id": "ap1", "therapist": None}]}}, NEW_YORK, REQUEST, "g1")
    assert found is not None
    assert (found.id, found.staff_name, found.starts_at) == ("ap1", "", REQUEST.starts_at)
