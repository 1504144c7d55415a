"""Keys, paths, error shapes, faults, and what a client that hangs up leaves behind."""

import asyncio
from typing import Any

import pytest
from aiohttp import ClientError, ClientTimeout

from tests.bot.sandbox.zenoti.salon import BROOKLYN, EMPTY_DAY, HARBOUR, STRANGER, SWEDISH, Salon, play, wait_until


def test_a_wrong_key_is_denied_in_the_asp_net_shape() -> None:
    async def scenario(salon: Salon) -> None:
        answer = await salon.call("GET", "/v1/centers", key="guessed")
        assert (answer.status, answer.body) == (401, {"Message": "Authorization has been denied for this request."})

    play(scenario)


def test_bearer_is_accepted_beside_apikey() -> None:
    async def scenario(salon: Salon) -> None:
        async with salon.session.get("/zenoti/v1/centers", headers={"Authorization": "bearer demo"}) as response:
            assert response.status == 200

    play(scenario)


def test_paths_query_names_and_ids_match_in_any_case() -> None:
    async def scenario(salon: Salon) -> None:
        path = f"/V1/Centers/{HARBOUR.id.upper()}/Services"
        answer = await salon.call("GET", path, params={"Size": "3", "EXPAND": "Catalog_Info"})
        assert len(answer.body["services"]) == 3
        assert answer.body["services"][0]["catalog_info"]["can_book"] is True

    play(scenario)


def test_body_keys_match_in_any_case_and_unknown_ones_are_ignored() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        item = {"Item": {"Id": SWEDISH.id.upper()}}
        body = {
            "Center_Id": HARBOUR.id,
            "DATE": EMPTY_DAY,
            "is_only_catalog_employes": "yes",
            "guests": [{"Id": guest, "items": [item]}],
        }
        assert (await salon.call("POST", "/v1/bookings", json=body)).body["error"] is None

    play(scenario)


def test_an_unknown_path_is_404_and_logged() -> None:
    async def scenario(salon: Salon) -> None:
        assert (await salon.call("GET", "/v1/webhooks/subscriptions")).status == 404
        assert (await salon.control("GET", "/calls")).body["by_operation"] == {"unknown": 1}

    play(scenario)


@pytest.mark.parametrize(
    ("switches", "status", "shape"),
    [
        ({}, 200, {"Error": {"StatusCode": 502, "Message": "Invalid center id."}}),
        ({"booking_error_casing": "lower"}, 200, {"error": {"code": 502, "message": "Invalid center id."}}),
        ({"booking_error_status": 400}, 400, {"Error": {"StatusCode": 502, "Message": "Invalid center id."}}),
    ],
)
def test_a_refused_draft_takes_the_chosen_casing_and_status(switches: dict[str, Any], status: int, shape: dict[str, Any]) -> None:
    async def scenario(salon: Salon) -> None:
        await salon.turn(**switches)
        answer = await salon.call("POST", "/v1/bookings", json={"center_id": STRANGER, "date": EMPTY_DAY})
        assert (answer.status, answer.body) == (status, {"id": None} | shape)

    play(scenario)


@pytest.mark.parametrize(
    ("method", "path", "group"),
    [
        ("GET", f"/v1/bookings/{STRANGER}/slots", "booking"),
        ("POST", f"/v1/bookings/{STRANGER}/slots/reserve", "booking"),
        ("POST", f"/v1/bookings/{STRANGER}/slots/confirm", "write"),
        ("PUT", f"/v1/invoices/{STRANGER}/cancel", "write"),
        ("POST", "/v1/guests", "write"),
        ("GET", f"/v1/centers/{STRANGER}/services", "catalogue"),
        ("GET", f"/v1/guests/{STRANGER}", "catalogue"),
    ],
)
def test_each_operation_refuses_in_its_own_shape(method: str, path: str, group: str) -> None:
    async def scenario(salon: Salon) -> None:
        plain = await salon.call(method, path)
        assert plain.status == 200
        assert ("Error" in plain.body) == (group == "booking")
        assert ("error" in plain.body) == (group != "booking")
        flipped = "lower" if group == "booking" else "upper"
        await salon.turn(**{f"{group}_error_casing": flipped, f"{group}_error_status": 400})
        other = await salon.call(method, path)
        assert other.status == 400
        assert ("Error" in other.body) == (group != "booking")

    play(scenario)


def test_a_page_over_100_is_the_bare_422() -> None:
    async def scenario(salon: Salon) -> None:
        answer = await salon.call("GET", "/v1/guests/search", params={"size": "101"})
        assert answer.status == answer.body["code"] == 422
        assert "error" not in answer.body
        await salon.turn(paging_error_status=200)
        assert (await salon.call("GET", "/v1/guests/search", params={"size": "101"})).status == 200

    play(scenario)


def test_a_body_that_is_no_json_counts_as_empty() -> None:
    async def scenario(salon: Salon) -> None:
        answer = await salon.call("POST", "/v1/bookings", data=b"{oops")
        assert answer.body["Error"]["StatusCode"] == 503

    play(scenario)


@pytest.mark.parametrize("kind", ["cut_after", "fail_after", "truncate"])
def test_a_confirm_whose_answer_is_lost_has_booked(kind: str) -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        booking = await salon.draft(guest)
        await salon.reserve(booking)
        await salon.fail("confirm", kind)
        with pytest.raises((ClientError, ValueError, KeyError)):
            assert (await salon.confirm(booking))["is_confirmed"]
        assert len(await salon.booked(guest)) == 1

    play(scenario)


@pytest.mark.parametrize("kind", ["cut_before", "refuse", "rate_limit", "html"])
def test_a_confirm_refused_beforehand_has_not_booked(kind: str) -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        booking = await salon.draft(guest)
        await salon.reserve(booking)
        await salon.fail("confirm", kind)
        with pytest.raises((ClientError, KeyError)):
            assert (await salon.confirm(booking))["is_confirmed"]
        assert await salon.booked(guest) == []
        assert (await salon.confirm(booking))["is_confirmed"]

    play(scenario)


def test_a_client_that_hangs_up_does_not_stop_a_slow_confirm() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        booking = await salon.draft(guest)
        await salon.reserve(booking)
        await salon.fail("confirm", "slow_before", seconds=0.2)
        path = f"/v1/bookings/{booking}/slots/confirm"
        with pytest.raises(asyncio.TimeoutError):
            await salon.call("POST", path, timeout=ClientTimeout(total=0.05))
        assert await salon.booked(guest) == []

        async def is_booked() -> bool:
            return bool(await salon.booked(guest))

        await wait_until(is_booked)
        assert (await salon.control("GET", "/calls")).body["log"][-1]["status"] == 0

    play(scenario)


def test_calls_are_counted_and_logged_without_query_or_body() -> None:
    async def scenario(salon: Salon) -> None:
        await salon.call("GET", "/v1/guests/search", params={"phone": "912345678"})
        await salon.call("GET", "/v1/guests/search", key="guessed")
        calls = (await salon.control("GET", "/calls")).body
        assert (calls["total"], calls["by_operation"]) == (2, {"guest_search": 2})
        assert [(row["path"], row["status"]) for row in calls["log"]] == [("/v1/guests/search", 200), ("/v1/guests/search", 401)]
        assert (await salon.control("DELETE", "/calls")).body["total"] == 0

    play(scenario)


def test_the_page_is_told_when_the_book_changes() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        booking = await salon.draft(guest)
        await salon.slots(booking)
        assert salon.changes == []
        await salon.reserve(booking)
        invoice = (await salon.confirm(booking))["invoice"]
        await salon.call("PUT", f"/v1/invoices/{invoice['invoice_id']}/cancel")
        assert salon.changes == ["zenoti"] * 3

    play(scenario)


def test_a_refused_call_changes_nothing_on_the_page() -> None:
    async def scenario(salon: Salon) -> None:
        await salon.confirm(STRANGER)
        assert salon.changes == []

    play(scenario)


def test_the_clinic_key_sees_only_the_clinic() -> None:
    async def scenario(salon: Salon) -> None:
        names = [row["name"] for row in (await salon.call("GET", "/v1/centers", key="demo-clinic")).body["centers"]]
        assert names == ["Riverside Physio"]
        foreign = await salon.call("GET", f"/v1/centers/{BROOKLYN.id}/services", key="demo-clinic")
        assert foreign.body == {"error": {"code": 502, "message": "Invalid center id."}}

    play(scenario)


def test_a_booking_of_another_organisation_is_unknown() -> None:
    async def scenario(salon: Salon) -> None:
        guest = await salon.add_guest()
        booking = await salon.draft(guest)
        answer = await salon.call("GET", f"/v1/bookings/{booking}/slots", key="demo-clinic")
        assert answer.body["Error"]["Message"] == "Invalid booking id"
        assert (await salon.call("GET", f"/v1/guests/{guest}", key="demo-clinic")).body["error"]["code"] == 414

    play(scenario)


def test_reset_brings_back_the_first_morning() -> None:
    async def scenario(salon: Salon) -> None:
        before = (await salon.control("GET", "/appointments")).body
        guest = await salon.add_guest()
        await salon.book(guest)
        await salon.turn(hold_minutes=3)
        await salon.fail("slots", "html")
        await salon.control("POST", "/reset")
        assert [row["id"] for row in (await salon.control("GET", "/appointments")).body] == [row["id"] for row in before]
        assert (await salon.control("GET", "/switches")).body["hold_minutes"] == 10
        assert (await salon.control("GET", "/faults")).body == []
        assert (await salon.control("GET", "/calls")).body["total"] == 0

    play(scenario)
