"""The `data` of webhooks (§14). `start_time` is UTC here, `start_time_in_center` the wall time."""

from bot.sandbox.zenoti.call import Json
from bot.sandbox.zenoti.catalogue import make_guid
from bot.sandbox.zenoti.ledger import Invoice, Visit
from bot.sandbox.zenoti.payloads import NO_PREFERENCE, SPECIFIC, write_local, write_utc


def show_created(invoice: Invoice) -> Json:
    """`data` of AppointmentGroup.Created (§14); `start_time` is UTC."""
    guest = invoice.guest
    return {
        "invoice_id": invoice.id,
        "invoice_number": invoice.number,
        "invoice_number_prefix": invoice.center.code,
        "utm_source": None,
        "utm_medium": None,
        "appointment_group_id": invoice.group_id,
        "organization_id": invoice.organization.id,
        "center_id": invoice.center.id,
        "center_Name": invoice.center.name,
        "guest": {
            "id": guest.id,
            "first_name": guest.first_name,
            "last_name": guest.last_name,
            "email": guest.person["email"],
        },
        "appointments": [_show_created_row(visit) for visit in invoice.visits],
    }


def show_status(invoice: Invoice) -> Json:
    """`data` of AppointmentGroup.Status."""
    return {
        "invoice_id": invoice.id,
        "invoice_number": invoice.number,
        "receipt_number": None,
        "appointment_group_id": invoice.group_id,
        "appointment_group_status": invoice.visits[0].status,
        "is_noshowfeerequired": "No",
        "is_cancellationfeerequired": "No",
    }


def _show_created_row(visit: Visit) -> Json:
    return {
        "id": visit.id,
        "invoice_item_id": visit.invoice_item_id,
        "service_name": "" if visit.service is None else visit.service.name,
        "service_id": None if visit.service is None else visit.service.id,
        "start_time": write_utc(visit.start),
        "end_time": write_utc(visit.end),
        "start_time_in_center": write_local(visit.center, visit.start),
        "end_time_in_center": write_local(visit.center, visit.end),
        "creation_date": write_utc(visit.created_at),
        "last_updated_on": write_utc(visit.created_at),
        "service_duration_in_minutes": int((visit.end - visit.start).total_seconds()) // 60,
        "has_add_ons": bool(visit.add_ons),
        "is_add_on": False,
        "therapist_name": visit.therapist.full_name,
        "therapist_id": visit.therapist.id,
        "is_recurring": False,
        "show_in_calendar": True,
        "appointment_type": 2,
        "therapist_request_type": SPECIFIC if visit.is_requested else NO_PREFERENCE,
        "room_id": make_guid("room", visit.therapist.id),
        "room_name": visit.therapist.room,
        "equipment_name": "",
    }
