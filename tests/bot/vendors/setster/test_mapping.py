from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.errors import VendorChanged
from bot.model import Location, Money
from bot.vendors.setster.mapping import find_currency, map_openings, map_services, read_country, read_times, round_up
from bot.vendors.setster.payloads import AppointmentRow, ServiceRow, read_links
from bot.vendors.setster.zones import place_wall, read_wall

BROOKLYN = Location("502", "Brooklyn", "America/New_York", "USD", "US")
DAY = date(2026, 3, 2)
EARLY = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "links",
    [
        [{"location_id": 501, "employee_ids": [7, 8]}],
        [{"location_id": "501", "employee_ids": ["7", "8"]}],
        {"501": [7, 8]},
        {"501": {"7": 1, "8": "1"}},
        {"501": {"7": True, "8": 1, "9": 0}},
        [{"location_id": 501, "employee_ids": {"7": 1, "8": 1}}],
    ],
)
def test_links_are_read_in_every_shape(links: Any) -> None:
    assert read_links(links) == {"501": ("7", "8")}


@pytest.mark.parametrize("links", [None, "", [], {}, 7, [7], [[]], {"501": None}, [{"location_id": None}]])
def test_links_that_are_none_link_nobody(links: Any) -> None:
    assert not any(read_links(links).values())


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (
            {"times": {"2026-03-02": ["09:00:00", "09:30:00"], "2026-03-03": []}},
            {DAY: ("09:00:00", "09:30:00"), date(2026, 3, 3): ()},
        ),
        ({"times": ["09:00:00"], "day": 2, "month": 3, "year": 2026}, {DAY: ("09:00:00",)}),
        ({"times": ["09:00"], "day": "2", "month": "03", "year": "2026"}, {DAY: ("09:00",)}),
        ({"times": ["09:00"]}, {}),
        ({"times": []}, {}),
        ({"times": {}}, {}),
        ({"times": {"2026-03-02": [{"time": "09:00", "seats": 2}, {"time": "10:00", "seats": "0"}]}}, {DAY: ("09:00",)}),
        ({"times": {"2026-03-02": {"09:00": 2, "10:00": 0}}}, {DAY: ("09:00",)}),
        ({"times": {"2026-03-02": None}}, {DAY: ()}),
    ],
)
def test_times_are_read_in_every_shape(data: Any, found: Any) -> None:
    assert read_times(data) == found


def test_an_unlabelled_list_is_of_the_day_that_was_asked_for() -> None:
    assert read_times({"times": ["09:00"]}, DAY) == {DAY: ("09:00",)}


@pytest.mark.parametrize("data", [None, [], {}, {"times": None}, {"times": "09:00"}, {"times": {"soon": ["09:00"]}}])
def test_times_that_are_none_are_not_taken_for_an_empty_day(data: Any) -> None:
    with pytest.raises(VendorChanged):
        read_times(data)


def test_a_start_is_the_locations_and_its_spelling_is_kept() -> None:
    found = map_openings({DAY: ("09:30:00", "09:00:00", "09:30:00", "x")}, BROOKLYN, DAY, earliest=EARLY)
    assert [(slot.starts_at.isoformat(), slot.handle) for slot in found.slots] == [
        ("2026-03-02T09:00:00-05:00", "2026-03-02 09:00:00"),
        ("2026-03-02T09:30:00-05:00", "2026-03-02 09:30:00"),
    ]


@pytest.mark.parametrize("wall", ["2026-03-08 02:30", "2026-11-01 01:30"])
def test_an_hour_that_the_clocks_skip_or_repeat_is_not_offered(wall: str) -> None:
    moment = read_wall(wall)
    assert moment is not None
    assert place_wall(moment, ZoneInfo("America/New_York")) is None
    found = map_openings({moment.date(): (wall[11:],)}, BROOKLYN, moment.date(), earliest=EARLY)
    assert found.slots == ()


@pytest.mark.parametrize("text", ["", "2026-03-02", "0001-01-01 00:00", "2026-03-02T09:00:00Z", "2026-03-02 09:00+01:00", "soon"])
def test_what_is_no_wall_clock_is_not_read_as_one(text: str) -> None:
    assert read_wall(text) is None


@pytest.mark.parametrize(("minutes", "sent"), [(0, 15), (1, 15), (15, 15), (20, 30), (50, 60), (60, 60), (61, 75)])
def test_lengths_are_multiples_of_fifteen(minutes: int, sent: int) -> None:
    assert round_up(timedelta(minutes=minutes)) == sent


@pytest.mark.parametrize(("text", "code"), [("US", "US"), ("pt", "PT"), ("United States", "US"), ("Nowhere", ""), ("", "")])
def test_a_country_is_read_by_code_or_name(text: str, code: str) -> None:
    assert read_country(text) == code


def test_a_currency_is_that_of_the_country_today() -> None:
    assert [find_currency(code) for code in ("PT", "US", "IN", "JP", "")] == ["EUR", "USD", "INR", "JPY", ""]


@pytest.mark.parametrize(
    "hidden",
    [
        {"is_subservice": True},
        {"is_subservice": "1"},
        {"require_addon": 1},
        {"password": "x"},
        {"status": "0"},
        {"duration": 0},
        {"name": ""},
        {"payment_min_amount": 20},
        {"location_links": {"501": [7]}},
    ],
    ids=str,
)
def test_what_nobody_can_book_here_is_not_offered(hidden: dict[str, Any]) -> None:
    row = {"id": "88", "name": "Cut &amp; finish", "duration": "45", "price": "25", "status": "1"}
    (shown,) = map_services([ServiceRow.model_validate(row)], BROOKLYN)
    assert (shown.name, shown.duration, shown.price) == ("Cut & finish", timedelta(minutes=45), Money(2500, "USD"))
    assert map_services([ServiceRow.model_validate({**row, **hidden})], BROOKLYN) == ()


def test_a_price_of_nothing_is_one_that_nobody_filled_in() -> None:
    row = ServiceRow(id="88", name="Cut", duration=45, price=Decimal(0))
    assert map_services([row], BROOKLYN)[0].price is None


@pytest.mark.parametrize(
    "where",
    [
        {"note": "[FD-1] likes tea"},
        {"note": "call first [FD-1]"},
        {"custom_data": {"booking_ref": "FD-1"}},
        {"custom_fields": '{"0": ["FD-1", "Reference"]}'},
        {"custom_fields": '[["FD-1", "Reference"]]'},
        {"ews_id": "FD-1"},
    ],
    ids=str,
)
def test_our_reference_is_found_wherever_it_was_kept(where: dict[str, Any]) -> None:
    row = AppointmentRow.model_validate({"id": 19_500_000_001, **where})
    assert row.id == "19500000001"
    assert row.carries("FD-1")
    assert not row.carries("FD-12")
    assert not row.carries("FD")


@pytest.mark.parametrize("number", [None, "", "x", "0", 0, -1, 1.5, True, "٣", 10**21])
def test_a_record_without_a_number_is_none(number: Any) -> None:
    with pytest.raises(ValueError, match="id"):
        AppointmentRow.model_validate({"id": number})
