from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.errors import VendorChanged
from bot.model import AppointmentStatus, BookingRequest, Contact, Location, Money, Service, SlotQuery, StaffMember
from bot.vendors.rows import read_rows
from bot.vendors.schedly.mapping import (
    find_country,
    find_gaps,
    find_made,
    is_same_instant,
    map_cents,
    map_employees,
    map_location,
    map_openings,
    map_services,
    read_free_people,
    read_instant,
    write_instant,
)
from bot.vendors.schedly.payloads import AppointmentRow, CompanyRow, EmployeeRow, LocationRow, ServiceRow, unwrap, unwrap_list

LISBON = Location("1", "Harbour", "Europe/Lisbon", "EUR", "PT")
NEW_YORK = Location("2", "Brooklyn", "America/New_York", "USD", "US")
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MONDAY = date(2026, 3, 2)


def rows(kind: Any, *found: Any) -> Any:
    return read_rows(kind, list(found), "rows", source="schedly")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ([1], [1]),
        ({"data": [1]}, [1]),
        ({"status": "success", "data": [1]}, [1]),
        ({"services": [1], "total": 1}, [1]),
        ({"status": "success", "data": {"services": [1]}}, [1]),
        ({"data": None}, None),
        ({}, None),
        ("text", "text"),
    ],
)
def test_a_list_is_found_in_any_envelope(data: Any, said: Any) -> None:
    assert unwrap_list(data, "services") == said


def test_an_object_is_found_in_either_envelope() -> None:
    assert unwrap({"status": "success", "data": {"id": 1}}) == {"id": 1}
    assert unwrap({"id": 1, "status": "approved"}) == {"id": 1, "status": "approved"}
    assert unwrap({"id": 1, "status": "success"}) == {"id": 1, "status": "success"}


def openings(data: Any, *, staff_id: str = "", location: Location = LISBON, day: date = MONDAY) -> Any:
    query = SlotQuery(location.id, "12", day, staff_id)
    return map_openings(data, location, query, last=day + timedelta(days=6), now=NOW)


@pytest.mark.parametrize(
    ("data", "people"),
    [
        (
            {"slots": {"2026-03-02": [{"time": "2026-03-02T16:00:00.000Z", "employeeIds": [10, 9]}], "2026-03-03": []}},
            ("10", "9"),
        ),
        ({"status": "success", "data": {"2026-03-02": [{"start": "2026-03-02T11:00:00.000-05:00"}], "2026-03-03": []}}, ()),
        ({"data": {"slots": {"2026-03-02": [{"time": "2026-03-02T16:00:00Z"}], "2026-03-03": []}}}, ()),
        (
            [
                {"startTime": "2026-03-02T16:00:00Z", "endTime": "2026-03-02T16:30:00Z", "employeeId": 9, "available": True},
                {"startTime": "2026-03-02T16:00:00Z", "endTime": "2026-03-02T16:30:00Z", "employeeId": 10, "available": True},
                {"startTime": "2026-03-02T17:00:00Z", "endTime": "2026-03-02T17:30:00Z", "employeeId": 9, "available": False},
            ],
            ("9", "10"),
        ),
    ],
)
def test_times_are_read_in_all_four_shapes(data: Any, people: tuple[str, ...]) -> None:
    found = openings(data)
    assert [slot.starts_at for slot in found.slots] == [datetime(2026, 3, 2, 16, 0, tzinfo=UTC)]
    assert read_free_people(found.slots[0].handle) == people
    assert found.later == ({} if isinstance(data, list) else {date(2026, 3, 3): False})


def test_past_and_foreign_times_are_no_openings() -> None:
    data = {
        "slots": {
            "2026-03-02": [
                {"time": "2026-03-02T08:00:00Z", "employeeIds": [9]},
                {"time": "2026-03-02T10:00:00Z", "employeeIds": [10]},
                {"time": "2026-03-02T11:00:00Z", "employeeIds": [9, 10]},
                {"time": "2026-03-02T12:00:00Z", "employeeIds": [9], "available": False},
                {"time": "2026-03-02T13:00:00Z"},
            ]
        }
    }
    assert [slot.starts_at.hour for slot in openings(data, staff_id="9").slots] == [11, 13]
    assert [slot.handle for slot in openings(data, staff_id="9").slots] == ["2026-03-02T11:00:00Z", "2026-03-02T13:00:00Z"]


def test_a_time_belongs_to_the_day_of_its_place() -> None:
    """Listed under UTC's day: 01:00Z on Tuesday is Monday evening in New York."""
    data = {"slots": {"2026-03-02": [], "2026-03-03": [{"time": "2026-03-03T01:00:00Z"}]}}
    found = openings(data, location=NEW_YORK)
    assert [slot.starts_at.isoformat() for slot in found.slots] == ["2026-03-02T20:00:00-05:00"]
    assert found.next_day is None


def test_the_night_the_clocks_change_has_every_time_once() -> None:
    data = [{"startTime": f"2026-10-25T0{hour}:30:00Z"} for hour in range(3)]
    found = openings(data, day=date(2026, 10, 25))
    assert [slot.starts_at.isoformat() for slot in found.slots] == [
        "2026-10-25T01:30:00+01:00",
        "2026-10-25T01:30:00+00:00",
        "2026-10-25T02:30:00+00:00",
    ]


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        "text",
        {"slots": "none"},
        {"slots": {"today": []}},
        {"slots": {"2026-03-02": None}},
        {"slots": {"2026-03-02": [{"time": "2026-03-02T16:00:00"}]}},
        [{"startTime": "16:00"}],
        [{"begin": "2026-03-02T16:00:00Z"}],
    ],
)
def test_what_are_no_times_is_a_changed_vendor(data: Any) -> None:
    with pytest.raises(VendorChanged):
        openings(data)


def test_one_bad_time_does_not_hide_the_others() -> None:
    data = [{"startTime": "2026-03-02T16:00:00"}, {"startTime": "2026-03-02T17:00:00Z"}]
    assert [slot.starts_at.hour for slot in openings(data).slots] == [17]


@pytest.mark.parametrize("text", ["", "2026-03-02T16:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_without_offset_is_none(text: str) -> None:
    assert read_instant(text, LISBON.zone) is None


def test_times_are_sent_in_utc() -> None:
    assert write_instant(datetime(2026, 7, 1, 9, 0, tzinfo=LISBON.zone)) == "2026-07-01T08:00:00Z"


def test_a_handle_says_who_is_free_and_nothing_else() -> None:
    assert read_free_people("2026-03-02T16:00:00Z|3,4") == ("3", "4")
    assert read_free_people("2026-03-02T16:00:00Z") == ()
    assert read_free_people("x|../1,,3") == ("3",)


@pytest.mark.parametrize(
    ("cents", "currency", "said"),
    [
        (2200, "usd", Money(2200, "USD")),
        (2200, "", Money(2200, "USD")),
        (500, "jpy", Money(500, "JPY")),
        (0, "eur", Money(0, "EUR")),
        (None, "eur", None),
        (-1, "eur", None),
        (2200, "euro", None),
    ],
)
def test_amounts_are_in_the_smallest_unit(cents: int | None, currency: str, said: Money | None) -> None:
    assert map_cents(cents, currency) == said


def test_a_service_without_length_or_name_is_not_sold() -> None:
    found = rows(
        ServiceRow,
        {"id": 1, "name": "Cut", "duration": 30},
        {"id": 2, "name": "Cut", "duration": 0},
        {"id": 3, "name": "", "duration": 30},
        {"id": 4, "name": "Cut", "duration": 30, "active": False},
        {"id": 5, "name": "Cut", "duration": 30, "locationId": 2},
        {"id": 6, "name": "Cut", "duration": "45", "locationId": 1, "price": "900", "currency": "EUR", "category": "Hair"},
        {"id": "x", "name": "Cut", "duration": 30},
    )
    assert map_services(found, "1") == (
        Service("1", "Cut", timedelta(minutes=30)),
        Service("6", "Cut", timedelta(minutes=45), Money(900, "EUR"), "Hair"),
    )


def test_staff_are_those_who_may_do_it_here() -> None:
    found = rows(
        EmployeeRow,
        {"id": 1, "name": "Ike"},
        {"id": 2, "name": "Noor", "serviceIds": [12], "locationIds": [1]},
        {"id": 3, "name": "Mia", "serviceIds": [13]},
        {"id": 4, "name": "Ana", "services": [{"id": 12}], "locations": []},
        {"id": 5, "name": "Leo", "serviceIds": [12], "locationIds": [2]},
        {"id": 6, "name": "Eve", "active": False},
        {"id": 7, "name": "", "serviceIds": [12]},
        {"id": 8, "name": "Zoe", "serviceIds": []},
    )
    assert map_employees(found, "1", "12") == (StaffMember("1", "Ike"), StaffMember("2", "Noor"), StaffMember("4", "Ana"))


def test_the_zone_of_the_settings_wins_then_its_own_then_the_companys() -> None:
    (row,) = rows(LocationRow, {"id": 1, "name": "Chiado", "timezone": "Europe/Lisbon", "address": "Rua 1", "city": "Lisboa"})
    company = CompanyRow(timeZone="Europe/Madrid", currency="eur")
    found = map_location(row, {}, company)
    assert found == Location("1", "Chiado", "Europe/Lisbon", "EUR", "PT", "Rua 1, Lisboa")
    settled = map_location(row, {"1": "Atlantic/Azores"}, company)
    assert settled is not None
    assert settled.time_zone == "Atlantic/Azores"
    (bare,) = rows(LocationRow, {"id": 1, "name": "Chiado", "timeZone": "GMT-5 (EST)"})
    fallen = map_location(bare, {}, company)
    assert fallen is not None
    assert fallen.time_zone == "Europe/Madrid"
    assert map_location(bare, {}, CompanyRow()) is None
    assert find_country("UTC") in ("", "001", "ZZ")


def test_the_hour_said_twice_is_two_different_ones() -> None:
    first, second = (datetime(2026, 10, 25, 1, 30, tzinfo=LISBON.zone, fold=fold) for fold in (0, 1))
    assert is_same_instant(first, first.astimezone(UTC))
    assert not is_same_instant(first, second)


REQUEST = BookingRequest("FD-1", "1", "12", datetime(2026, 3, 2, 16, 0, tzinfo=UTC), "", Contact("Noor", customer_id="77"))
ROW = {"id": 901, "serviceId": 12, "startTime": "2026-03-02T16:00:00Z", "endTime": "2026-03-02T16:30:00Z", "status": "approved"}


def find(*found: dict[str, Any], staff_id: str = "3") -> str:
    made = find_made(rows(AppointmentRow, *found), LISBON, REQUEST, staff_id=staff_id, customer_id="77")
    return made.id if made else ""


@pytest.mark.parametrize(
    ("change", "is_found"),
    [
        ({}, True),
        ({"employeeId": 3, "locationId": 1}, True),
        ({"employee": {"id": 3, "name": "Ike"}}, True),
        ({"notes": "[FD-1]", "employeeId": 4}, True),
        ({"status": "pending"}, True),
        ({"status": "completed"}, True),
        ({"status": "moved"}, True),
        ({"status": "canceled"}, False),
        ({"status": "CANCELLED"}, False),
        ({"employeeId": 4}, False),
        ({"locationId": 2}, False),
        ({"serviceId": 13}, False),
        ({"startTime": "2026-03-02T16:15:00Z"}, False),
        ({"startTime": "2026-03-02T16:00:00+01:00"}, False),
        ({"startTime": "2026-03-02T16:00:00"}, False),
        ({"notes": "[FD-2]"}, False),
    ],
)
def test_ours_is_told_by_service_time_and_person(change: dict[str, Any], is_found: bool) -> None:
    assert find(ROW | change) == ("901" if is_found else "")


@pytest.mark.parametrize("ident", ["text", -1, 0, 1.5, True, 10**20, None, "٣", [], "9 "])
def test_an_id_is_a_whole_number(ident: Any) -> None:
    if ident == "9 ":
        assert find(ROW | {"id": ident}) == "9"
    else:
        with pytest.raises(VendorChanged):
            rows(AppointmentRow, ROW | {"id": ident})


def test_of_several_the_one_with_our_reference_is_ours_else_the_oldest() -> None:
    assert find(ROW | {"id": 1001}, ROW, ROW | {"id": 950}) == "901"
    assert find(ROW, ROW | {"id": 950, "notes": "[FD-1]"}) == "950"
    assert find(ROW | {"employeeId": 4}, staff_id="") == "901"


def test_an_unknown_status_still_takes_up_its_time() -> None:
    made = find_made(rows(AppointmentRow, ROW | {"status": "moved"}), LISBON, REQUEST, staff_id="", customer_id="77")
    assert made is not None
    assert made.status is AppointmentStatus.UNKNOWN


def test_what_an_account_lacks_is_named() -> None:
    services = rows(
        ServiceRow,
        {"id": 1, "name": "Cut", "duration": 30, "depositType": "fixed"},
        {"id": 2, "name": "Dye", "duration": 30, "depositType": "none"},
    )
    people = rows(EmployeeRow, {"id": 1, "name": "Ike", "serviceIds": [1]})
    assert list(find_gaps(["3"], services, people)) == [
        "no time zone for location 3: not offered until it stands under time_zones",
        "1 services that no active employee does: no time is ever free for them",
        "1 services ask for a deposit: the bot books them without taking one",
    ]
    assert list(find_gaps([], (), people)) == ["no active service: there is nothing to book"]
    assert list(find_gaps([], services[1:], rows(EmployeeRow, {"id": 1, "name": "Ike"}))) == []
