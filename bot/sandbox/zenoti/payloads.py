"""Appointments and invoices as the API shows them (§9.3, §9.4, §11): local wall times without offset, mixed casing."""

from datetime import UTC, datetime

from bot.sandbox.zenoti.call import Json
from bot.sandbox.zenoti.catalogue import Center, Therapist, find_price, make_guid
from bot.sandbox.zenoti.guests import show_phone
from bot.sandbox.zenoti.ledger import Guest, Hold, Invoice, Visit
from bot.sandbox.zenoti.listings import show_price

NO_PREFERENCE, SPECIFIC = 0, 3
"""Therapist request types (§15)."""


def write_local(center: Center, moment: datetime) -> str:
    """Wall time of the center, no offset."""
    return moment.astimezone(center.zone).replace(tzinfo=None, microsecond=0).isoformat()


def write_utc(moment: datetime) -> str:
    """UTC without `Z`."""
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat()


def show_held(hold: Hold) -> list[Json]:
    """The `invoices` of a reserve answer: one per guest, no invoice made yet."""
    invoices: dict[str, Json] = {}
    for row in hold.rows:
        if row.guest is None:
            continue
        entry = invoices.setdefault(row.guest.id, {"invoice_id": None, "guest": _show_pascal(row.guest), "items": []})
        entry["items"].append(
            {
                "item": {"id": row.item.service.id, "name": row.item.service.name},
                "therapist": {"id": row.therapist.id},
                "start_time": write_local(hold.draft.center, row.start),
                "end_time": write_local(hold.draft.center, row.end),
            }
        )
    return list(invoices.values())


def show_confirmation(invoices: list[Invoice]) -> Json:
    """The first guest's invoice; a group's others stand beside it in `invoices` (our reading)."""
    shown = [
        {"invoice_id": one.id, "guest": _show_pascal(one.guest), "items": [_show_item(visit) for visit in one.visits]}
        for one in invoices
    ]
    group = {"invoices": shown} if len(shown) > 1 else {}
    return {"is_confirmed": True, "invoice": shown[0], **group, "error": None}


def show_guest_appointment(invoice: Invoice) -> Json:
    """A row of the guest appointment list."""
    price = show_price(invoice.center, find_price(invoice.center, _list_service_ids(invoice)))
    return {
        "appointment_group_id": invoice.group_id,
        "no_of_guests": 1,
        "invoice_id": invoice.id,
        "invoice_status": invoice.status,
        "is_rebooking": False,
        "notes": invoice.visits[0].notes or None,
        "center_id": invoice.center.id,
        "appointment_services": [_show_appointment_service(visit) for visit in invoice.visits],
        "appointment_packages": [],
        "price": price,
        "group_invoice_id": None,
        "is_feedback_submitted": False,
    }


def show_appointment(visit: Visit) -> Json:
    """A row of the appointment reads; a block-out has neither guest nor service."""
    center = visit.center
    times = {
        name: write(moment)
        for key, moment in (("start_time", visit.start), ("end_time", visit.end), ("creation_date", visit.created_at))
        for name, write in ((key, lambda at: write_local(center, at)), (f"{key}_utc", write_utc))
    }
    return {
        "appointment_id": visit.id,
        "appointment_segment_id": make_guid("segment", visit.id),
        "appointment_group_id": visit.group_id or None,
        "invoice_id": visit.invoice_id or None,
        "service": _show_visit_service(visit),
        **times,
        "status": visit.status,
        "source": 1,
        "progress": 0,
        "locked": False,
        "invoice_locked": False,
        "guest": None if visit.guest is None else _show_visit_guest(visit.guest),
        "therapist": _show_therapist(visit.therapist),
        "room": {"id": make_guid("room", visit.therapist.id), "name": visit.therapist.room},
        "equipment": None,
        "notes": visit.notes or None,
        "price": show_price(center, find_price(center, visit.service_ids)),
        "therapist_preference_type": SPECIFIC if visit.is_requested else NO_PREFERENCE,
        "group_invoice_id": None,
        "error": None,
    }


def show_invoice(invoice: Invoice, expands: frozenset[str]) -> Json:
    """`appointments` are in UTC here, unlike everywhere else (§4)."""
    price = find_price(invoice.center, _list_service_ids(invoice))
    phone = show_phone(invoice.guest)["display_number"]
    body = {
        "id": invoice.id,
        "invoice_number": invoice.number,
        "appointment_group_id": invoice.group_id,
        "is_closed": False,
        "status": invoice.status,
        "center_id": invoice.center.id,
        "notes": invoice.visits[0].notes or None,
        "invoice_dues": {"total": price.final, "paid": invoice.paid, "balance": round(price.final - invoice.paid, 2)},
        "total_price": {"net_price": price.without_tax, "tax": price.tax, "sum_total": price.final},
        "guest": {
            "id": invoice.guest.id,
            "first_name": invoice.guest.first_name,
            "last_name": invoice.guest.last_name,
            "mobile_phone": phone,
        },
        "invoice_items": [_show_invoice_item(visit) for visit in invoice.visits] if "invoiceitems" in expands else None,
        "appointments": [_show_invoice_appointment(visit) for visit in invoice.visits],
        "transactions": [] if "transactions" in expands else None,
    }
    return {"invoice": body, "error": None}


def _list_service_ids(invoice: Invoice) -> tuple[str, ...]:
    return tuple(service_id for visit in invoice.visits for service_id in visit.service_ids)


def _show_pascal(guest: Guest) -> Json:
    return {"Id": guest.id, "FirstName": guest.first_name, "LastName": guest.last_name}


def _show_item(visit: Visit) -> Json:
    therapist = visit.therapist
    name = "" if visit.service is None else visit.service.name
    return {
        "appointment_id": visit.id,
        "invoice_item_id": visit.invoice_item_id,
        "item": {"id": _name_service_id(visit), "name": name, "item_type": 0, "item_display_name": name},
        "therapist": {
            "id": therapist.id,
            "full_name": therapist.full_name,
            "first_name": therapist.first_name,
            "last_name": therapist.last_name,
            "therapist_request_type": SPECIFIC if visit.is_requested else NO_PREFERENCE,
        },
        "room": {"id": make_guid("room", therapist.id), "name": therapist.room},
        "start_time": write_local(visit.center, visit.start),
        "end_time": write_local(visit.center, visit.end),
        "join_link": None,
    }


def _name_service_id(visit: Visit) -> str | None:
    return None if visit.service is None else visit.service.id


def _show_appointment_service(visit: Visit) -> Json:
    center = visit.center
    add_ons = [{"id": add_on.id, "name": add_on.name} for add_on in visit.add_ons]
    service = {
        "id": _name_service_id(visit),
        "name": "" if visit.service is None else visit.service.name,
        "display_name": None,
        "price": show_price(center, find_price(center, visit.service_ids)),
        "duration": int((visit.end - visit.start).total_seconds()) // 60,
        "category_id": None,
        "is_addon": False,
        "has_addons": bool(add_ons),
        "addons": add_ons or None,
        "is_variant": visit.service is not None and visit.service.is_variant,
        "has_variant": None,
        "parent_service_id": None,
    }
    nothing = ("room", "equipment", "actual_start_time", "completed_time", "parent_appointment_id", "service_custom_Data")
    return {
        "appointment_id": visit.id,
        "invoice_item_id": visit.invoice_item_id,
        "cart_item_id": make_guid("cart", visit.id),
        "service": service,
        "requested_therapist_gender": 0,
        "requested_therapist_id": visit.therapist.id,
        "start_time": write_local(center, visit.start),
        "end_time": write_local(center, visit.end),
        "appointment_status": visit.status,
        "quantity": 0,
        "service_custom_data_indicator": "0#0#0#0#0#0#0#0",
        "progress": 0,
        "item_actions": "",
        "is_membership_applied": False,
        "is_addon": False,
        "addon_appointment_id": None,
        "has_service_form": False,
        "has_segments": False,
        "segments": None,
        **dict.fromkeys(nothing),
    }


def _show_visit_service(visit: Visit) -> Json | None:
    if visit.service is None:
        return None
    category = {"id": visit.service.category.id, "name": visit.service.category.name}
    return {
        "id": visit.service.id,
        "name": visit.service.name,
        "is_addon": False,
        "has_addons": bool(visit.add_ons),
        "category": category,
        "sub_category": category,
    }


def _show_visit_guest(guest: Guest) -> Json:
    return {
        "id": guest.id,
        "first_name": guest.first_name,
        "last_name": guest.last_name,
        "gender": guest.person["gender"],
        "mobile": show_phone(guest),
        "email": guest.person["email"],
    }


def _show_therapist(therapist: Therapist) -> Json:
    return {
        "id": therapist.id,
        "first_name": therapist.first_name,
        "last_name": therapist.last_name,
        "nick_name": "",
        "display_name": therapist.first_name,
        "email": "",
        "gender": therapist.gender,
    }


def _show_invoice_item(visit: Visit) -> Json:
    price = find_price(visit.center, visit.service_ids)
    return {
        "invoice_item_id": visit.invoice_item_id,
        "id": _name_service_id(visit),
        "name": "" if visit.service is None else visit.service.name,
        "type": 0,
        "price": {"sales": price.sale, "tax": price.tax, "final": price.final},
    }


def _show_invoice_appointment(visit: Visit) -> Json:
    return {
        "id": visit.id,
        "invoice_item_id": visit.invoice_item_id,
        "service_id": _name_service_id(visit),
        "serviceduration_in_miutes": int((visit.end - visit.start).total_seconds()) // 60,
        "TherapistId": visit.therapist.id,
        "start_time": write_utc(visit.start),
        "end_time": write_utc(visit.end),
        "therapist_request_type": SPECIFIC if visit.is_requested else NO_PREFERENCE,
        "status": visit.status,
        "notes": visit.notes or None,
    }
