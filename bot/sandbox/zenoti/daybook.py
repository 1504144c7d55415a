"""One day of every center as a calendar page draws it: columns, bars, minutes since local midnight."""

from datetime import date, datetime

from bot.sandbox.zenoti.call import Json
from bot.sandbox.zenoti.catalogue import Center, Organization
from bot.sandbox.zenoti.ledger import Hold, Ledger, Visit


def show_daybook(ledger: Ledger, organizations: list[Organization], *, day: date | None, now: datetime) -> Json:
    """`day` None: today, at each center."""
    centers = [
        _show_center(ledger, organization, center, day=day or now.astimezone(center.zone).date(), now=now)
        for organization in organizations
        for center in organization.centers
    ]
    return {"locations": centers}


def _show_center(ledger: Ledger, organization: Organization, center: Center, *, day: date, now: datetime) -> Json:
    visits = [visit for therapist in center.therapists for visit in ledger.list_day(therapist, day)]
    holds = [hold for hold in ledger.list_live_holds(now) if hold.draft.center is center]
    return {
        "id": center.id,
        "name": center.name,
        "business": organization.name,
        "time_zone": center.time_zone.iana,
        "date": day.isoformat(),
        "now_minute": _count_minutes(center, now, day),
        "hours": _show_span(center.find_hours(day)),
        "staff": [
            {"id": one.id, "name": one.full_name, "job": one.job, "shift": _show_span(center.find_shift(one, day))}
            for one in center.therapists
        ],
        "appointments": [_show_visit(visit, day) for visit in sorted(visits, key=lambda visit: visit.start)],
        "holds": [bar for hold in holds for bar in _show_hold(hold, day)],
    }


def _show_visit(visit: Visit, day: date) -> Json:
    return {
        "id": visit.id,
        "kind": "appointment" if visit.guest is not None else "break",
        "staff_id": visit.therapist.id,
        "start_minute": _count_minutes(visit.center, visit.start, day),
        "end_minute": _count_minutes(visit.center, visit.end, day),
        "guest_first_name": "" if visit.guest is None else visit.guest.first_name,
        "service": "" if visit.service is None else visit.service.name,
        "is_from_bot": bool(visit.booking_id),
    }


def _show_hold(hold: Hold, day: date) -> list[Json]:
    center = hold.draft.center
    return [
        {
            "id": hold.id,
            "staff_id": row.therapist.id,
            "start_minute": _count_minutes(center, row.start, day),
            "end_minute": _count_minutes(center, row.end, day),
            "guest_first_name": "" if row.guest is None else row.guest.first_name,
            "service": row.item.service.name,
            "expires_at": hold.expires_at.isoformat(),
        }
        for row in hold.rows
        if row.start.astimezone(center.zone).date() == day
    ]


def _show_span(span: tuple[datetime, datetime] | None) -> Json | None:
    if span is None:
        return None
    start, end = span
    return {"start_minute": start.hour * 60 + start.minute, "end_minute": end.hour * 60 + end.minute}


def _count_minutes(center: Center, moment: datetime, day: date) -> int:
    """Wall-clock minutes since local midnight of `day`; below 0 or over 1440 on other days."""
    local = moment.astimezone(center.zone)
    return (local.date() - day).days * 1440 + local.hour * 60 + local.minute
