"""What the calendar page draws: columns, bars and minutes in the center's wall time."""

from datetime import timedelta
from typing import Any

from tests.bot.sandbox.zenoti.salon import BANDRA, EMPTY_DAY, RUI, Salon, play, therapist


async def read_day(salon: Salon, day: str = EMPTY_DAY) -> dict[str, Any]:
    body = (await salon.control("GET", "/calendar", params={"date": day})).body
    return {center["name"]: center for center in body["locations"]}


def test_every_center_shows_its_hours_and_people() -> None:
    async def scenario(salon: Salon) -> None:
        centers = await read_day(salon)
        assert list(centers) == ["Harbour", "Brooklyn", "Bandra", "Riverside Physio"]
        harbour = centers["Harbour"]
        assert (harbour["time_zone"], harbour["hours"]) == ("Europe/Lisbon", {"start_minute": 540, "end_minute": 1200})
        assert harbour["staff"][0]["name"] == "Anna Lindqvist"
        off = {row["name"] for row in harbour["staff"] if row["shift"] is None}
        assert off == {"Tomás Ferreira"}
        assert centers["Bandra"]["hours"] is None

    play(scenario)


def test_a_hold_becomes_an_appointment_in_local_minutes() -> None:
    async def scenario(salon: Salon) -> None:
        day, zoya = "2035-04-04", therapist("Zoya", BANDRA)
        guest = await salon.add_guest("9820012345", center=BANDRA)
        booking = await salon.draft(guest, center=BANDRA, day=day, person=zoya)
        await salon.reserve(booking, "15:30", day=day)
        (hold,) = (await read_day(salon, day))["Bandra"]["holds"]
        assert (hold["start_minute"], hold["end_minute"], hold["guest_first_name"]) == (930, 990, "Mia")
        await salon.confirm(booking)
        bandra = (await read_day(salon, day))["Bandra"]
        (bar,) = bandra["appointments"]
        assert bandra["holds"] == []
        assert (bar["staff_id"], bar["start_minute"], bar["end_minute"]) == (zoya.id, 930, 990)
        assert (bar["kind"], bar["guest_first_name"], bar["service"]) == ("appointment", "Mia", "Swedish massage")

    play(scenario)


def test_cancelled_and_lapsed_bars_are_gone() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        invoice = await salon.book(guest, person=RUI)
        await salon.call("PUT", f"/v1/invoices/{invoice['invoice_id']}/cancel")
        await salon.reserve(await salon.draft(guest, person=RUI))
        assert len((await read_day(salon))["Harbour"]["holds"]) == 1
        assert (await read_day(salon, "2035-04-04"))["Harbour"]["holds"] == []
        salon.clock.advance(timedelta(minutes=10))
        harbour = (await read_day(salon))["Harbour"]
        assert (harbour["appointments"], harbour["holds"]) == ([], [])

    play(scenario)


def test_without_a_date_it_is_today_with_breaks() -> None:
    async def scenario(salon: Salon) -> None:
        centers = (await salon.control("GET", "/calendar")).body["locations"]
        assert {center["date"] for center in centers} == {"2035-03-05"}
        assert {bar["kind"] for bar in centers[0]["appointments"]} == {"appointment", "break"}
        assert centers[0]["now_minute"] == 390

    play(scenario)
