"""One day of every place as a calendar page draws it: columns, bars, minutes since local midnight."""

from datetime import date, datetime
from typing import Any

from bot.sandbox.salon.book import Book
from bot.sandbox.salon.business import Business, Place
from bot.sandbox.salon.directory import Spelling
from bot.sandbox.salon.visit import Visit

Json = dict[str, Any]


def show_daybook(book: Book, spelling: Spelling, *, day: date | None, now: datetime) -> Json:
    """`day` None: today, at each place."""
    book.catch_up()
    locations = [
        _show_place(book, spelling, business, place, day=day or place.tell_day(now), now=now)
        for business in book.businesses
        for place in business.places
    ]
    return {"locations": locations}


def _show_place(book: Book, spelling: Spelling, business: Business, place: Place, *, day: date, now: datetime) -> Json:
    visits = [visit for person in place.people for visit in book.list_day(person, day)]
    return {
        "id": spelling.place(place),
        "name": place.name,
        "business": business.name,
        "time_zone": place.time_zone,
        "date": day.isoformat(),
        "now_minute": _count_minutes(place, now, day),
        "hours": _show_span(place.find_hours(day)),
        "staff": [
            {"id": spelling.person(one), "name": one.full_name, "job": one.job, "shift": _show_span(place.find_shift(one, day))}
            for one in place.people
        ],
        "appointments": [_show_bar(spelling, visit, day) for visit in sorted(visits, key=lambda visit: visit.start)],
        "holds": [],
    }


def _show_bar(spelling: Spelling, visit: Visit, day: date) -> Json:
    return {
        "id": spelling.visit(visit.number),
        "kind": "break" if visit.treatment is None else "appointment",
        "staff_id": spelling.person(visit.person),
        "start_minute": _count_minutes(visit.place, visit.start, day),
        "end_minute": _count_minutes(visit.place, visit.end, day),
        "guest_first_name": visit.guest_name.partition(" ")[0],
        "service": "" if visit.treatment is None else visit.treatment.name,
        "is_from_bot": visit.is_from_bot,
    }


def _show_span(span: tuple[datetime, datetime] | None) -> Json | None:
    if span is None:
        return None
    start, end = span
    return {"start_minute": start.hour * 60 + start.minute, "end_minute": end.hour * 60 + end.minute}


def _count_minutes(place: Place, moment: datetime, day: date) -> int:
    """Wall-clock minutes since local midnight of `day`; below 0 or over 1440 on other days."""
    local = moment.astimezone(place.zone)
    return (local.date() - day).days * 1440 + local.hour * 60 + local.minute
