"""Guest search scopes, silent filters, defaults and mandatory fields (§8)."""

from typing import Any

import pytest

from tests.bot.sandbox.zenoti.salon import BROOKLYN, HARBOUR, STRANGER, Answer, Salon, play

PERSON: dict[str, Any] = {
    "first_name": "Mia",
    "last_name": "Chen",
    "email": "mia@example.com",
    "mobile_phone": {"country_code": 225, "number": "415 555-0123"},
}


async def search(salon: Salon, **query: str) -> Any:
    return (await salon.call("GET", "/v1/guests/search", params=query)).body


async def create(salon: Salon, *, more: dict[str, Any] | None = None, **person: Any) -> Answer:
    body = {"center_id": HARBOUR.id, "personal_info": PERSON | person, **(more or {})}
    return await salon.call("POST", "/v1/guests", json=body)


def test_a_created_guest_is_found_by_national_number_and_email() -> None:
    async def scenario(salon: Salon) -> None:
        guest = (await create(salon)).body["id"]
        assert [row["id"] for row in (await search(salon, phone="4155550123"))["guests"]] == [guest]
        assert [row["id"] for row in (await search(salon, email="MIA@example.com"))["guests"]] == [guest]
        assert (await search(salon, phone="14155550123"))["guests"] == []

    play(scenario)


def test_the_number_can_be_searched_with_its_dialling_code_when_switched() -> None:
    async def scenario(salon: Salon) -> None:
        await create(salon)
        await salon.turn(phone_search="either")
        assert len((await search(salon, phone="+1 415 555 0123"))["guests"]) == 1
        await salon.turn(phone_search="international")
        assert (await search(salon, phone="4155550123"))["guests"] == []

    play(scenario)


def test_guest_pages_are_called_page_info_with_a_capital() -> None:
    async def scenario(salon: Salon) -> None:
        body = await search(salon, size="5", page="2")
        assert (len(body["guests"]), body["page_Info"]["page"], body["page_Info"]["size"]) == (5, 2, 5)
        assert "page_info" not in body

    play(scenario)


def test_an_unknown_filter_returns_strangers() -> None:
    async def scenario(salon: Salon) -> None:
        guest = (await create(salon)).body["id"]
        rows = (await search(salon, mobile="4155550123"))["guests"]
        assert rows[0]["id"] != guest
        listed = (await salon.call("GET", "/v1/guests", params={"center_id": HARBOUR.id, "query": "Mia Chen"})).body["guests"]
        assert len(listed) > 1

    play(scenario)


def test_a_center_narrows_the_search_and_none_means_the_organisation() -> None:
    async def scenario(salon: Salon) -> None:
        await create(salon)
        assert len((await search(salon, phone="4155550123"))["guests"]) == 1
        assert len((await search(salon, phone="4155550123", center_id=HARBOUR.id))["guests"]) == 1
        assert (await search(salon, phone="4155550123", center_id=BROOKLYN.id))["guests"] == []
        assert (await search(salon, center_id=STRANGER))["error"]["code"] == 502

    play(scenario)


def test_without_search_across_centers_a_center_is_demanded() -> None:
    async def scenario(salon: Salon) -> None:
        await salon.turn(search_across_centers=False)
        assert (await search(salon, phone="4155550123"))["error"]["code"] == 503
        assert "error" not in await search(salon, phone="4155550123", center_id=HARBOUR.id)

    play(scenario)


def test_ids_can_come_in_upper_case() -> None:
    async def scenario(salon: Salon) -> None:
        guest = (await create(salon)).body["id"]
        await salon.turn(upper_case_guest_ids=True)
        assert (await search(salon, phone="4155550123"))["guests"][0]["id"] == guest.upper()
        assert (await salon.call("GET", f"/v1/guests/{guest.upper()}")).body["id"] == guest

    play(scenario)


def test_what_is_left_out_becomes_female_and_unnotified() -> None:
    async def scenario(salon: Salon) -> None:
        body = (await create(salon)).body
        assert body["personal_info"]["gender"] == 0
        assert body["preferences"]["receive_transactional_sms"] is False
        assert body["personal_info"]["mobile_phone"] == {"country_code": 225, "number": "4155550123"}
        assert "error" not in body

    play(scenario)


def test_what_is_sent_is_kept() -> None:
    async def scenario(salon: Salon) -> None:
        more = {"preferences": {"receive_transactional_sms": "true"}, "referral": {"referral_source": {"id": "r1"}}}
        body = (await create(salon, gender=-1, more=more)).body
        assert body["personal_info"]["gender"] == -1
        assert body["preferences"]["receive_transactional_sms"] is True
        assert body["referral"]["referral_source"]["id"] == "r1"

    play(scenario)


def test_the_same_person_can_be_created_twice() -> None:
    async def scenario(salon: Salon) -> None:
        first, second = await create(salon), await create(salon)
        assert first.body["id"] != second.body["id"]
        assert len((await search(salon, phone="4155550123"))["guests"]) == 2
        await salon.turn(unique_email=True)
        assert (await create(salon)).body["error"]["code"] == 442

    play(scenario)


@pytest.mark.parametrize("missing", [{"first_name": ""}, {"last_name": ""}, {"mobile_phone": None}])
def test_a_missing_mandatory_field_is_481(missing: dict[str, Any]) -> None:
    async def scenario(salon: Salon) -> None:
        answer = await create(salon, **missing)
        assert answer.body["error"]["code"] == 481
        assert "id" not in answer.body

    play(scenario)


def test_a_missing_referral_source_fails_loudly_or_silently() -> None:
    async def scenario(salon: Salon) -> None:
        await salon.turn(mandatory_guest_fields=["mobile_phone", "referral_source"])
        assert (await create(salon)).body["error"]["code"] == 481
        await salon.turn(guest_failure="silent")
        silent = await create(salon)
        assert (silent.status, silent.body) == (200, {})
        assert (await create(salon, more={"referral": {"referral_source": {"id": "r1"}}})).body["id"]

    play(scenario)


def test_a_number_of_impossible_length_is_482() -> None:
    async def scenario(salon: Salon) -> None:
        phone = {"country_code": 225, "number": "12345"}
        assert (await create(salon, mobile_phone=phone)).body["error"]["code"] == 482

    play(scenario)


def test_a_dialling_code_is_taken_for_a_country_id() -> None:
    async def scenario(salon: Salon) -> None:
        wrong = await create(salon, mobile_phone={"country_code": 351, "number": "912345678"})
        assert wrong.body["error"]["code"] == 484
        await create(salon, mobile_phone={"country_code": 44, "number": "7700900123"})
        await salon.turn(phone_search="international")
        assert (await search(salon, phone="447700900123"))["guests"] == []
        assert len((await search(salon, phone="567700900123"))["guests"]) == 1

    play(scenario)


def test_reading_a_guest_says_whether_booking_is_blocked() -> None:
    async def scenario(salon: Salon) -> None:
        guest = (await create(salon)).body["id"]
        assert (await salon.call("GET", f"/v1/guests/{guest}")).body["is_online_booking_blocked"] is False
        assert (await salon.call("GET", f"/v1/guests/{STRANGER}")).body["error"]["code"] == 414

    play(scenario)


def test_an_update_replaces_the_whole_guest() -> None:
    async def scenario(salon: Salon) -> None:
        guest = (await create(salon, gender=-1)).body["id"]
        await salon.call("PUT", f"/v1/guests/{guest}", json={"personal_info": {"first_name": "Mia", "last_name": "Wong"}})
        person = (await salon.call("GET", f"/v1/guests/{guest}")).body["personal_info"]
        assert (person["last_name"], person["email"], person["mobile_phone"], person["gender"]) == ("Wong", "", None, 0)

    play(scenario)
