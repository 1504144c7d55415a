"""Centers, countries, services, categories, therapists (§5 to §7)."""

from datetime import date, timedelta

from bot.sandbox.zenoti.call import Call, Json, find_skilled, read_date
from bot.sandbox.zenoti.catalogue import Center, Organization, Price, Service, Therapist, find_price
from bot.sandbox.zenoti.countries import COUNTRIES

BOOKABLE_SINCE = "2024-01-15T00:00:00"


def list_centers(call: Call) -> Json:
    rows = [_show_center(center, with_hours="working_hours" in call.expands) for center in call.organization.centers]
    page, info = call.cut_page(rows)
    return {"centers": page, "requested_centers": None, "page_info": info, "error": None}


def read_center(call: Call) -> Json:
    center = call.find_center()
    return {
        "center": {
            "id": center.id,
            "name": center.name,
            "code": center.code,
            "phone": center.phone,
            "time_zone_id": center.time_zone.id,
            "currency_id": center.currency.id,
            "email": f"{center.code.lower()}@example.com",
        },
        "error": None,
    }


def list_countries(_: Call) -> Json:
    rows = sorted(COUNTRIES.values(), key=lambda country: country.name)
    return {
        "countries": [
            {"id": row.id, "country_code": row.code, "phone_code": row.phone_code, "name": row.name, "nationality": ""}
            for row in rows
        ]
    }


def list_services(call: Call) -> Json:
    center = call.find_center()
    category = call.text("category_id").lower()
    services = [
        service
        for service in call.organization.services.values()
        if service.id in center.prices
        and (not category or service.category.id == category)
        and (service.in_catalog or not call.flag("catalog_enabled"))
    ]
    page, info = call.cut_page([show_service(call.organization, center, service, call.expands) for service in services])
    return {"services": page, "page_info": info}


def read_service(call: Call) -> Json:
    center = call.find_center()
    return show_service(call.organization, center, call.find_service(center), call.expands)


def list_categories(call: Call) -> Json:
    call.find_center()
    rows = [{"id": one.id, "name": one.name, "code": one.name.upper()} for one in call.organization.categories]
    page, info = call.cut_page(rows)
    return {"categories": page, "page_info": info}


def list_therapists(call: Call) -> Json:
    center = call.find_center()
    day, wanted = read_date(call.text("date")), call.text("search_text").lower()
    rows = [
        _show_therapist(therapist)
        for therapist in center.therapists
        if (day is None or _works(center, therapist, day)) and wanted in therapist.full_name.lower()
    ]
    return {"therapists": rows}


def list_service_therapists(call: Call) -> Json:
    center = call.find_center()
    service = call.find_service(center)
    price = find_price(center, (service.id,))
    rows = [
        {
            "id": one.id,
            "name": one.full_name,
            "display_name": one.first_name,
            "gender": one.gender,
            "price": show_price(center, price),
            "can_book": one.in_catalog,
        }
        for one in find_skilled(center, service)
    ]
    return {"therapists": rows, "error": None}


def show_price(center: Center, price: Price) -> Json:
    return {"currency_id": center.currency.id, "sales": price.without_tax, "tax": price.tax, "final": price.final}


def show_service(organization: Organization, center: Center, service: Service, expands: frozenset[str]) -> Json:
    """A catalogue row; what `expand` did not name is null."""
    optional = {
        "additional_info": _show_additional(organization, service),
        "catalog_info": _show_catalog(service),
        "variants_info": {"is_variant": service.is_variant, "has_variant": service.has_variant},
        "add_ons_info": _show_add_ons(organization, service),
        "image_paths": [],
    }
    shown = {name: value if name in expands else None for name, value in optional.items()}
    nothing = dict.fromkeys(("parallel_groups", "parallel_service_groups", "prerequisites_info", "finishing_services_info"))
    return {
        "id": service.id,
        "code": service.code,
        "name": service.name,
        "description": service.description,
        "duration": service.minutes,
        "recovery_time": service.recovery_minutes,
        "is_couple_service": service.is_couple,
        "price_info": _show_price_info(center, service),
        **shown,
        **nothing,
    }


def _show_price_info(center: Center, service: Service) -> Json:
    price = find_price(center, (service.id,))
    return {
        "currency_id": center.currency.id,
        "sale_price": price.sale,
        "tax_id": None,
        "ssg": 0,
        "include_tax": center.prices_include_tax,
        "demand_group_id": "",
        "tax": price.tax,
        "price_without_tax": price.without_tax,
        "final_price": price.final,
    }


def _show_additional(organization: Organization, service: Service) -> Json:
    category = {"id": service.category.id, "name": service.category.name}
    return {
        "html_description": "",
        "category": category,
        "sub_category": category,
        "bussiness_unit": {"id": organization.id, "name": organization.name},
    }


def _show_catalog(service: Service) -> Json:
    return {
        "show_in_catalog": service.in_catalog,
        "can_book": service.can_book,
        "show_price": service.can_book,
        "display_name": "",
        "display_price": "",
        "display_order": "",
        "video_url": "",
    }


def _show_add_ons(organization: Organization, service: Service) -> Json:
    rows = [{"id": add_on_id, "name": organization.services[add_on_id].name} for add_on_id in service.add_on_ids]
    return {"is_add_on": service.is_add_on, "has_add_ons": bool(rows), "add_ons_list": rows}


def _show_center(center: Center, *, with_hours: bool) -> Json:
    country = center.country
    return {
        "id": center.id,
        "code": center.code,
        "name": center.name,
        "display_name": center.name,
        "description": "",
        "online_booking_start_date": BOOKABLE_SINCE,
        "enable_parallel_services_at_center": False,
        "country": {
            "id": country.id,
            "code": country.code,
            "name": country.name,
            "phone_code": country.phone_code,
            "nationality": "",
        },
        "state": {"id": -1, "code": "", "name": ""},
        "location": {
            "latitude": 0.0,
            "longitude": 0.0,
            "time_zone": {"id": center.time_zone.id, "name": center.time_zone.text},
        },
        "currency": {"id": center.currency.id, "code": center.currency.code, "name": center.currency.name},
        "address_info": {"address_1": center.address, "address_2": "", "city": center.city, "zip_code": center.zip_code},
        "settings": {},
        "contact_info": {},
        "additional_info": {},
        "working_hours": _show_week(center) if with_hours else None,
        "culture_code_at_center": center.culture,
        "is_fbe_enabled": False,
    }


def _show_week(center: Center) -> list[Json]:
    """Rows by .NET's day of week: Sunday = 0."""
    rows: list[Json] = []
    monday = date(2024, 1, 1)
    for number in range(7):
        hours = center.find_hours(monday + timedelta(days=(number - 1) % 7))
        start, end = ("00:00:00", "00:00:00") if hours is None else (moment.time().isoformat() for moment in hours)
        rows.append({"day_of_week": number, "start_time": start, "end_time": end, "is_closed": hours is None})
    return rows


def _show_therapist(therapist: Therapist) -> Json:
    return {
        "id": therapist.id,
        "code": therapist.code,
        "personal_info": {
            "first_name": therapist.first_name,
            "last_name": therapist.last_name,
            "name": therapist.full_name,
            "nick_name": "",
            "gender": str(therapist.gender),
        },
        "job_info": {"id": "", "name": therapist.job},
    }


def _works(center: Center, therapist: Therapist, day: date) -> bool:
    return center.find_shift(therapist, day) is not None
