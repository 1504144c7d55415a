"""Cancelling and reading back (§11)."""

from datetime import timedelta
from typing import Any

from tests.bot.sandbox.zenoti.salon import BANDRA, EMPTY_DAY, HARBOUR, RUI, STRANGER, SWEDISH, Answer, Salon, play, therapist

RANGE = {"center_id": HARBOUR.id, "start_date": EMPTY_DAY, "end_date": "2035-04-04"}


async def cancel(salon: Salon, invoice_id: str, **options: Any) -> Answer:
    return await salon.call("PUT", f"/v1/invoices/{invoice_id}/cancel", **options)


def test_cancelling_frees_the_time_and_keeps_the_row() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        invoice = await salon.book(guest, person=RUI)
        answer = await cancel(salon, invoice["invoice_id"], params={"comments": "ill"})
        assert answer.body == {"success": True, "is_charge_applied": False, "error": None}
        rows = (await salon.call("GET", f"/v1/guests/{guest}/appointments")).body["appointments"]
        assert [row["appointment_services"][0]["appointment_status"] for row in rows] == [-1]
        assert f"{EMPTY_DAY}T12:00:00" in await salon.free_times(await salon.draft(guest, person=RUI))

    play(scenario)


def test_cancelling_takes_every_appointment_of_the_invoice() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        items = [{"item": {"id": SWEDISH.id}}, {"item": {"id": SWEDISH.id}}]
        invoice = await salon.book(guest, guest_more={"items": items})
        await cancel(salon, invoice["invoice_id"])
        assert [row["status"] for row in await salon.booked(guest)] == ["cancelled", "cancelled"]

    play(scenario)


def test_a_late_cancel_is_charged() -> None:
    async def scenario(salon: Salon) -> None:
        invoice = await salon.book(await salon.add_guest())
        await salon.turn(cancel_fee_hours=24 * 60)
        assert (await cancel(salon, invoice["invoice_id"])).body["is_charge_applied"] is True

    play(scenario)


def test_a_cancel_that_cannot_be_is_502() -> None:
    async def scenario(salon: Salon) -> None:
        invoice = (await salon.book(await salon.add_guest()))["invoice_id"]
        await salon.control("PUT", f"/invoices/{invoice}/paid", json={"amount": 20})
        paid = await cancel(salon, invoice)
        assert (paid.status, paid.body["success"], paid.body["error"]["code"]) == (200, False, 502)
        await salon.control("PUT", f"/invoices/{invoice}/paid", json={"amount": 0})
        assert (await cancel(salon, invoice)).body["success"] is True
        assert (await cancel(salon, invoice)).body["error"]["code"] == 502
        assert (await cancel(salon, STRANGER)).body["error"]["code"] == 502

    play(scenario)


def test_comments_can_be_demanded_in_query_or_body() -> None:
    async def scenario(salon: Salon) -> None:
        await salon.turn(cancel_comments_required=True)
        invoice = (await salon.book(await salon.add_guest()))["invoice_id"]
        assert (await cancel(salon, invoice)).body["error"]["code"] == 400
        assert (await cancel(salon, invoice, json={"comments": "ill"})).body["success"] is True

    play(scenario)


def test_a_visit_can_be_confirmed_and_unconfirmed() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        path = f"/v1/invoices/{(await salon.book(guest))['invoice_id']}/confirm"
        await salon.call("PUT", path, params={"undo_confirm": "false"})
        assert [row["status"] for row in await salon.booked(guest)] == ["confirmed"]
        await salon.call("PUT", path, params={"undo_confirm": "true"})
        assert [row["status"] for row in await salon.booked(guest)] == ["booked"]

    play(scenario)


def test_a_no_show_is_marked_by_group() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        await salon.book(guest)
        row = (await salon.call("GET", f"/v1/guests/{guest}/appointments")).body["appointments"][0]
        await salon.call("PUT", f"/v1/appointments/{row['appointment_group_id']}/no_show", json={"comments": "x"})
        assert [one["status"] for one in await salon.booked(guest)] == ["no_show"]
        missing = await salon.call("PUT", f"/v1/appointments/{STRANGER}/no_show")
        assert missing.body["error"]["code"] == 502

    play(scenario)


def test_a_guests_list_has_every_id_and_local_times() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest("9820012345", center=BANDRA)
        zoya = therapist("Zoya", BANDRA)
        invoice = await salon.book(guest, "15:00", center=BANDRA, day="2035-04-04", person=zoya)
        body = (await salon.call("GET", f"/v1/guests/{guest}/appointments")).body
        assert body["page_info"] == {"total": 1, "page": 1, "size": 10}
        row, item = body["appointments"][0], invoice["items"][0]
        (visit,) = row["appointment_services"]
        assert (row["invoice_id"], row["center_id"]) == (invoice["invoice_id"], BANDRA.id)
        assert (visit["appointment_id"], visit["invoice_item_id"]) == (item["appointment_id"], item["invoice_item_id"])
        assert (visit["start_time"], visit["end_time"]) == ("2035-04-04T15:00:00", "2035-04-04T16:00:00")
        assert (visit["requested_therapist_id"], visit["service"]["price"]["final"]) == (zoya.id, 3304)

    play(scenario)


def test_a_guests_list_is_paged_latest_first_and_narrowed_by_dates() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        for time in ("12:00", "14:00", "16:00"):
            await salon.book(guest, time, person=RUI)
        path = f"/v1/guests/{guest}/appointments"
        first = (await salon.call("GET", path, params={"size": "2"})).body
        assert [row["appointment_services"][0]["start_time"][11:13] for row in first["appointments"]] == ["16", "14"]
        assert first["page_info"]["total"] == 3
        dates = {"start_date": "2035-04-04", "end_date": "2035-04-09"}
        assert (await salon.call("GET", path, params=dates)).body["appointments"] == []
        same = {"start_date": EMPTY_DAY, "end_date": EMPTY_DAY}
        assert len((await salon.call("GET", path, params=same)).body["appointments"]) == 3
        assert (await salon.call("GET", path, params={"size": "101"})).status == 422

    play(scenario)


def test_reads_can_lag_behind_a_confirm() -> None:
    async def scenario(salon: Salon) -> None:
        await salon.turn(read_delay_seconds=30)
        guest = await salon.add_guest()
        item = (await salon.book(guest))["items"][0]
        path = f"/v1/guests/{guest}/appointments"
        assert (await salon.call("GET", path)).body["appointments"] == []
        assert (await salon.call("GET", f"/v1/appointments/{item['appointment_id']}")).body["error"]["code"] == 502
        salon.clock.advance(timedelta(seconds=30))
        assert len((await salon.call("GET", path)).body["appointments"]) == 1

    play(scenario)


def test_one_appointment_shows_local_and_utc_and_a_phone_only_for_display() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest("9820012345", center=BANDRA)
        invoice = await salon.book(guest, "15:00", center=BANDRA, day="2035-04-04")
        row = (await salon.call("GET", f"/v1/appointments/{invoice['items'][0]['appointment_id'].upper()}")).body
        assert (row["start_time"], row["start_time_utc"]) == ("2035-04-04T15:00:00", "2035-04-04T09:30:00")
        assert row["guest"]["mobile"] == {"country_id": 95, "number": None, "display_number": "+91 9820012345"}
        assert row["therapist"]["gender"] in (0, 1)
        assert row["therapist_preference_type"] == 0

    play(scenario)


def test_the_range_read_excludes_its_end_and_mixes_in_breaks() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        await salon.book(guest)
        rows = (await salon.call("GET", "/v1/appointments", params=RANGE)).body
        assert [row["guest"]["id"] for row in rows] == [guest]
        before = RANGE | {"start_date": "2035-04-02", "end_date": EMPTY_DAY}
        assert (await salon.call("GET", "/v1/appointments", params=before)).body == []
        filled = RANGE | {"start_date": "2035-03-06", "end_date": "2035-03-07"}
        statuses = {row["status"] for row in (await salon.call("GET", "/v1/appointments", params=filled)).body}
        assert {0, 10} <= statuses

    play(scenario)


def test_the_range_read_refuses_impossible_spans() -> None:
    async def scenario(salon: Salon) -> None:
        for start, end, code in ((EMPTY_DAY, EMPTY_DAY, 400), (EMPTY_DAY, "2035-04-11", 400), ("", "", 503)):
            query = RANGE | {"start_date": start, "end_date": end}
            assert (await salon.call("GET", "/v1/appointments", params=query)).body["error"]["code"] == code
        assert (await salon.call("GET", "/v1/appointments", params={"center_id": STRANGER})).body["error"]["code"] == 502

    play(scenario)


def test_the_range_read_filters_and_can_be_wrapped() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        kept, dropped = await salon.book(guest, person=RUI), await salon.book(guest, "16:00", person=RUI)
        await cancel(salon, dropped["invoice_id"])
        await salon.turn(appointments_wrapped=True)
        rows = (await salon.call("GET", "/v1/appointments", params=RANGE)).body["appointments"]
        assert [row["invoice_id"] for row in rows] == [kept["invoice_id"]]
        everything = RANGE | {"include_no_show_cancel": "true", "therapist_id": RUI.id.upper()}
        assert len((await salon.call("GET", "/v1/appointments", params=everything)).body["appointments"]) == 2
        other = RANGE | {"therapist_id": STRANGER}
        assert (await salon.call("GET", "/v1/appointments", params=other)).body["appointments"] == []

    play(scenario)


def test_an_invoice_speaks_utc_and_expands_on_request() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest("9820012345", center=BANDRA)
        invoice = (await salon.book(guest, "15:00", center=BANDRA, day="2035-04-04"))["invoice_id"]
        plain = (await salon.call("GET", f"/v1/invoices/{invoice}")).body["invoice"]
        assert (plain["invoice_items"], plain["transactions"]) == (None, None)
        assert plain["appointments"][0]["start_time"] == "2035-04-04T09:30:00"
        assert plain["total_price"] == {"net_price": 2800, "tax": 504, "sum_total": 3304}
        path = f"/v1/invoices/{invoice}?expand=InvoiceItems&expand=Transactions"
        full = (await salon.call("GET", path)).body["invoice"]
        assert full["invoice_items"][0]["name"] == "Swedish massage"
        assert (await salon.call("GET", f"/v1/invoices/{STRANGER}")).body["error"]["code"] == 502

    play(scenario)
