"""Centers, countries, services and therapists as documented in §5 to §7."""

from typing import Any

from bot.sandbox.zenoti.demo import ORGANIZATIONS, TIME_ZONES
from tests.bot.sandbox.zenoti.salon import BANDRA, BROOKLYN, HARBOUR, STRANGER, SWEDISH, Salon, play, service

OPTIONAL = ("additional_info", "catalog_info", "variants_info", "add_ons_info", "image_paths")


async def list_services(salon: Salon, center_id: str = HARBOUR.id, **query: str) -> Any:
    answer = await salon.call("GET", f"/v1/centers/{center_id}/services", params=query)
    return answer.body


def test_centers_show_a_fixed_offset_whatever_the_season() -> None:
    async def scenario(salon: Salon) -> None:
        body = (await salon.call("GET", "/v1/centers")).body
        zones = {row["name"]: row["location"]["time_zone"]["name"] for row in body["centers"]}
        assert zones["Harbour"].startswith("(UTC+00:00)")
        assert zones["Brooklyn"].startswith("(UTC-05:00)")
        assert zones["Bandra"].startswith("(UTC+05:30)")
        assert body["page_info"] == {"total": 3, "page": 1, "size": 10}

    play(scenario)


def test_every_center_has_an_iana_zone_for_the_demo_settings() -> None:
    for key, organization in ORGANIZATIONS.items():
        assert set(TIME_ZONES[key]) == {center.id for center in organization.centers}
    assert TIME_ZONES["demo"][BROOKLYN.id] == "America/New_York"


def test_working_hours_come_only_when_expanded() -> None:
    async def scenario(salon: Salon) -> None:
        plain = (await salon.call("GET", "/v1/centers")).body["centers"][0]
        assert plain["working_hours"] is None
        full = (await salon.call("GET", "/v1/centers", params={"expand": "working_hours"})).body["centers"][0]
        closed = [row["day_of_week"] for row in full["working_hours"] if row["is_closed"]]
        assert closed == [0]
        assert full["working_hours"][1]["start_time"] == "09:00:00"

    play(scenario)


def test_one_center_carries_numbers_where_the_list_carries_objects() -> None:
    async def scenario(salon: Salon) -> None:
        center = (await salon.call("GET", f"/v1/centers/{BANDRA.id}")).body["center"]
        assert (center["name"], center["currency_id"]) == ("Bandra", BANDRA.currency.id)
        assert (await salon.call("GET", f"/v1/centers/{STRANGER}")).body["error"]["code"] == 502

    play(scenario)


def test_countries_map_dialling_codes_to_zenotis_own_ids() -> None:
    async def scenario(salon: Salon) -> None:
        rows = (await salon.call("GET", "/v1/countries")).body["countries"]
        ids = {row["country_code"]: row["id"] for row in rows}
        assert (ids["US"], ids["IN"]) == (225, 95)
        assert {row["country_code"] for row in rows if row["phone_code"] == 1} >= {"US", "CA"}
        assert {"PT", "ES", "GB", "FR", "DE"} <= set(ids)

    play(scenario)


def test_services_come_in_pages_of_ten() -> None:
    async def scenario(salon: Salon) -> None:
        first, second = await list_services(salon), await list_services(salon, page="2")
        assert len(first["services"]) == 10
        assert first["page_info"] == {"total": 19, "page": 1, "size": 10}
        assert len(second["services"]) == 9

    play(scenario)


def test_without_expand_the_optional_blocks_are_null() -> None:
    async def scenario(salon: Salon) -> None:
        row = (await list_services(salon, size="1"))["services"][0]
        assert all(row[name] is None for name in OPTIONAL)
        path = f"/v1/centers/{HARBOUR.id}/services?size=1&expand=catalog_info&expand=additional_info"
        row = (await salon.call("GET", path)).body["services"][0]
        assert [name for name in OPTIONAL if row[name] is not None] == ["additional_info", "catalog_info"]

    play(scenario)


def test_the_catalogue_has_every_kind_of_row() -> None:
    async def scenario(salon: Salon) -> None:
        path = f"/v1/centers/{HARBOUR.id}/services?size=100&expand=catalog_info,variants_info&expand=add_ons_info"
        rows = {row["name"]: row for row in (await salon.call("GET", path)).body["services"]}
        assert rows["Bridal consultation"]["catalog_info"]["can_book"] is False
        assert rows["Hair colour"]["variants_info"] == {"is_variant": False, "has_variant": True}
        assert rows["Hair colour, long hair"]["variants_info"]["is_variant"] is True
        assert rows["Massage for two"]["is_couple_service"] is True
        assert rows["Hot stones"]["add_ons_info"]["is_add_on"] is True
        assert rows["Cooling eye mask"]["duration"] == 0
        assert rows["Swedish massage"]["recovery_time"] == 10
        assert [row["name"] for row in rows["Swedish massage"]["add_ons_info"]["add_ons_list"]] == ["Hot stones"]

    play(scenario)


def test_tax_is_inside_the_price_in_lisbon_and_on_top_in_brooklyn() -> None:
    async def scenario(salon: Salon) -> None:
        lisbon = (await salon.call("GET", f"/v1/centers/{HARBOUR.id}/services/{SWEDISH.id}")).body["price_info"]
        assert (lisbon["sale_price"], lisbon["final_price"], lisbon["include_tax"]) == (55, 55, True)
        brooklyn = (await salon.call("GET", f"/v1/centers/{BROOKLYN.id}/services/{SWEDISH.id}")).body["price_info"]
        assert (brooklyn["sale_price"], brooklyn["tax"], brooklyn["final_price"]) == (125, 5.62, 130.62)
        for price in (lisbon, brooklyn):
            assert round(price["price_without_tax"] + price["tax"], 2) == price["final_price"]

    play(scenario)


def test_services_are_narrowed_by_category() -> None:
    async def scenario(salon: Salon) -> None:
        categories = (await salon.call("GET", f"/v1/centers/{HARBOUR.id}/categories?page=1&size=100&type=1")).body["categories"]
        assert [row["name"] for row in categories] == ["Hair", "Nails", "Massage", "Face"]
        rows = (await list_services(salon, category_id=categories[1]["id"]))["services"]
        assert [row["name"] for row in rows] == ["Manicure", "Pedicure", "Gel polish"]

    play(scenario)


def test_an_unknown_service_is_502() -> None:
    async def scenario(salon: Salon) -> None:
        answer = await salon.call("GET", f"/v1/centers/{HARBOUR.id}/services/{STRANGER}")
        assert answer.body["error"]["code"] == 502

    play(scenario)


def test_therapists_are_those_who_work_that_day_with_gender_as_text() -> None:
    async def scenario(salon: Salon) -> None:
        path = f"/v1/centers/{HARBOUR.id}/therapists"
        everybody = (await salon.call("GET", path)).body["therapists"]
        assert {row["personal_info"]["gender"] for row in everybody} == {"0", "1"}
        wednesday = (await salon.call("GET", path, params={"date": "2035-03-07"})).body["therapists"]
        missing = {row["personal_info"]["first_name"] for row in everybody} - {
            row["personal_info"]["first_name"] for row in wednesday
        }
        assert missing == {"Anna"}
        found = (await salon.call("GET", path, params={"search_text": "rui"})).body["therapists"]
        assert [row["personal_info"]["name"] for row in found] == ["Rui Carvalho"]

    play(scenario)


def test_only_the_skilled_are_listed_for_a_service() -> None:
    async def scenario(salon: Salon) -> None:
        path = f"/v1/centers/{HARBOUR.id}/services/{SWEDISH.id}/therapists"
        rows = (await salon.call("GET", path)).body["therapists"]
        assert [row["name"] for row in rows] == ["Anna Lindqvist", "Rui Carvalho"]
        assert rows[0]["price"]["final"] == 55

    play(scenario)


def test_every_bookable_service_has_somebody_in_every_center() -> None:
    for organization in ORGANIZATIONS.values():
        bookable = {
            one.id for one in organization.services.values() if one.can_book and not one.has_variant and not one.is_add_on
        }
        for center in organization.centers:
            skills = frozenset[str]().union(*(one.service_ids for one in center.therapists if one.in_catalog))
            assert bookable - skills == set(), center.name


def test_the_clinic_speaks_spanish() -> None:
    async def scenario(salon: Salon) -> None:
        center = (await salon.call("GET", "/v1/centers", key="demo-clinic")).body["centers"][0]
        rows = (await salon.call("GET", f"/v1/centers/{center['id']}/services", key="demo-clinic")).body["services"]
        assert len(rows) == 4
        assert service("Punción seca", ORGANIZATIONS["demo-clinic"]).id in {row["id"] for row in rows}

    play(scenario)
