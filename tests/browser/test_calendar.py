from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import expect

from bot.sandbox.vendors import EMULATORS
from tests.browser.browser import SharedBrowser
from tests.browser.stage import Stage, open_stage

every_vendor = pytest.mark.parametrize("vendor", EMULATORS)


@dataclass(frozen=True)
class FreeTime:
    """A place in the book where nobody is busy."""

    center: dict[str, Any]
    therapist: dict[str, Any]
    start: str
    service_id: str

    async def book(self, stage: Stage, guest_name: str) -> dict[str, Any]:
        appointment: dict[str, Any] = await stage.vendor_control(
            "POST",
            "/appointments",
            location_id=self.center["id"],
            staff_id=self.therapist["id"],
            service_id=self.service_id,
            start_time=self.start,
            guest_name=guest_name,
        )
        return appointment

    async def hold(self, stage: Stage) -> str:
        """Reserve it through the vendor's own API; the booking's id."""
        guests = await stage.control("GET", "/zenoti/guests")
        guest = next(row for row in guests if row["center_id"] == self.center["id"])
        item = {"item": {"id": self.service_id}, "therapist": {"id": self.therapist["id"]}}
        draft = {"center_id": self.center["id"], "date": self.start[:10], "guests": [{"id": guest["id"], "items": [item]}]}
        booking = (await stage.zenoti("POST", "/v1/bookings", draft))["id"]
        held = await stage.zenoti("POST", f"/v1/bookings/{booking}/slots/reserve", {"slot_time": self.start})
        assert held["is_reserved"], held
        return str(booking)


async def find_free_time(stage: Stage, center_name: str) -> FreeTime:
    """Free for one of the therapist's services, on a day after today."""
    appointments = await stage.vendor_control("GET", "/appointments")
    (today,) = {
        row["date"] for row in (await stage.vendor_control("GET", "/calendar"))["locations"] if row["name"] == center_name
    }
    for day in sorted({row["start_time"][:10] for row in appointments if row["start_time"][:10] > today}):
        centers = (await stage.vendor_control("GET", f"/calendar?date={day}"))["locations"]
        center = next(row for row in centers if row["name"] == center_name)
        for therapist in center["staff"]:
            for minutes, service in _list_services(appointments, therapist):
                minute = _find_gap(center, therapist, minutes)
                if minute is not None:
                    return FreeTime(center, therapist, f"{day}T{minute // 60:02}:{minute % 60:02}:00", service)
    raise AssertionError("the book is full")


def _list_services(appointments: list[dict[str, Any]], therapist: dict[str, Any]) -> list[tuple[int, str]]:
    """Minutes and ids of what the therapist has been booked for, shortest first."""
    rows = [row for row in appointments if row["staff_id"] == therapist["id"]]
    lengths = {
        row["service_id"]: datetime.fromisoformat(row["end_time"]) - datetime.fromisoformat(row["start_time"]) for row in rows
    }
    return sorted((int(length.total_seconds()) // 60, service) for service, length in lengths.items())


def _find_gap(center: dict[str, Any], therapist: dict[str, Any], minutes: int) -> int | None:
    """The first minute with room for the service, and for half an hour of recovery on both sides."""
    shift = therapist["shift"]
    if shift is None:
        return None
    busy = [row for row in center["appointments"] if row["staff_id"] == therapist["id"]]
    for minute in range(shift["start_minute"], shift["end_minute"] - minutes, 15):
        if all(row["end_minute"] + 30 <= minute or row["start_minute"] >= minute + minutes + 30 for row in busy):
            return minute
    return None


async def step_to(stage: Stage, wanted: date) -> None:
    """Press "Day after" until the calendar shows the day, and no further."""
    (today,) = {row["date"] for row in (await stage.vendor_control("GET", "/calendar"))["locations"] if row["name"] == "Harbour"}
    shown = date.fromisoformat(today)
    while shown < wanted:
        shown += timedelta(days=1)
        await stage.calendar.get_by_role("button", name="Day after").click()
        await expect(stage.calendar.locator("#day")).to_contain_text(f"{shown:%A} {shown.day} {shown:%B}")


@every_vendor
def test_calendar_jumps_to_what_is_newly_booked(browser: SharedBrowser, vendor: str) -> None:
    async def scenario() -> None:
        async with open_stage(browser, vendor=vendor) as stage:
            await expect(stage.calendar.get_by_role("heading", level=2)).to_have_text(f"{EMULATORS[vendor].name} calendar")
            await expect(stage.calendar.get_by_role("tab", selected=True)).to_have_text("Harbour")
            appointment = await (await find_free_time(stage, "Bandra")).book(stage, "Walk In")
            block = stage.calendar.locator(f'[data-appointment="{appointment["id"]}"]')
            await expect(block).to_be_in_viewport()
            await expect(block).to_contain_class("is-fresh")
            await expect(block).to_contain_text("Walk")
            await expect(stage.calendar.get_by_role("tab", selected=True)).to_have_text("Bandra")
            await expect(stage.calendar.get_by_role("status")).to_contain_text(appointment["service_name"])

    browser.run(scenario())


@every_vendor
def test_cancelled_appointment_leaves_the_calendar(browser: SharedBrowser, vendor: str) -> None:
    async def scenario() -> None:
        async with open_stage(browser, vendor=vendor) as stage:
            appointment = await (await find_free_time(stage, "Harbour")).book(stage, "Walk In")
            block = stage.calendar.locator(f'[data-appointment="{appointment["id"]}"]')
            await expect(block).to_be_visible()
            await stage.vendor_control("DELETE", f"/appointments/{appointment['id']}")
            await expect(block).to_have_count(0)

    browser.run(scenario())


def test_hold_is_shown_and_becomes_the_appointment(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser) as stage:
            free = await find_free_time(stage, "Harbour")
            await step_to(stage, date.fromisoformat(free.start[:10]))
            booking = await free.hold(stage)
            await expect(stage.calendar.locator(".hold")).to_contain_text("Held")
            await stage.zenoti("POST", f"/v1/bookings/{booking}/slots/confirm")
            await expect(stage.calendar.locator(".hold")).to_have_count(0)
            await expect(stage.calendar.locator(".is-from-chat")).to_have_count(1)

    browser.run(scenario())


def test_day_can_be_stepped_and_newest_booking_found_again(browser: SharedBrowser) -> None:
    async def scenario() -> None:
        async with open_stage(browser) as stage:
            day, button = stage.calendar.locator("#day"), stage.calendar.get_by_role
            await expect(day).to_contain_text("Today")
            await button("button", name="Tomorrow").click()
            await expect(day).to_contain_text("Tomorrow")
            await button("button", name="Day before").click()
            await expect(day).to_contain_text("Today")
            await button("button", name="Day before").click()
            await expect(day).to_contain_text("Yesterday")
            await expect(button("button", name="Newest booking")).to_be_disabled()
            free = await find_free_time(stage, "Brooklyn")
            await stage.zenoti("POST", f"/v1/bookings/{await free.hold(stage)}/slots/confirm")
            await expect(stage.calendar.locator(".is-from-chat")).to_be_in_viewport()
            await button("tab", name="Harbour").click()
            await button("button", name="Today").click()
            await expect(stage.calendar.locator(".is-from-chat")).to_have_count(0)
            await button("button", name="Newest booking").click()
            await expect(stage.calendar.locator(".is-from-chat")).to_be_in_viewport()

    browser.run(scenario())
