"""The book knows who is free when, and is filled the same way every time, whichever vendor keeps it."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from bot.sandbox.clock import SandboxClock
from bot.sandbox.salon import BUSINESSES, Book, Treatment
from bot.sandbox.salon.harbour import HARBOUR
from bot.sandbox.zenoti import ZenotiEmulator

NOW = datetime(2035, 3, 5, 9, 0, tzinfo=UTC)
"""A Monday; far enough ahead that nothing here is ever in the real past."""
EMPTY_DAY = date(2035, 4, 3)
"""A Tuesday beyond what is filled in advance."""
LISBON, BROOKLYN, BANDRA = HARBOUR.places
ANNA, INES = LISBON.people[:2]
MASSAGE = HARBOUR.treatments["swed"]
CUT = HARBOUR.treatments["cut"]
DAYS = 21


def open_book(*, seed: int = 0, grid_minutes: int = 15) -> tuple[Book, SandboxClock]:
    clock = SandboxClock(NOW)
    return Book(BUSINESSES.values(), clock, seed=seed, grid_minutes=grid_minutes), clock


def at(hour: int, minute: int = 0, day: date = EMPTY_DAY) -> datetime:
    """Of Lisbon's clock."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=LISBON.zone).astimezone(UTC)


def list_walls(book: Book, treatment: Treatment = MASSAGE, *, day: date = EMPTY_DAY) -> list[str]:
    starts = book.list_starts(LISBON, treatment, ANNA, day)
    return [start.astimezone(LISBON.zone).strftime("%H:%M") for start, _ in starts]


def test_about_a_third_of_the_coming_weeks_is_taken_everywhere() -> None:
    book, _ = open_book()
    for business in BUSINESSES.values():
        for place in business.places:
            days = [place.tell_day(NOW) + timedelta(days=ahead) for ahead in range(DAYS)]
            shifts = [place.find_shift(one, day) for one in place.people for day in days]
            worked = sum((shift[1] - shift[0] for shift in shifts if shift is not None), timedelta())
            mine = [visit for day in days for visit in book.list_visits(business, day=day) if visit.place is place]
            taken = sum((visit.end - visit.start for visit in mine), timedelta())
            assert 0.25 < taken / worked < 0.45, place.name


def test_nobody_is_booked_twice_at_once() -> None:
    book, _ = open_book()
    rows = sorted(book.visits.values(), key=lambda visit: (visit.person.id, visit.start))
    clashes = [
        (one.number, other.number)
        for one, other in pairwise(rows)
        if one.person is other.person and one.blocked_until > other.start
    ]
    assert clashes == []


def test_the_book_is_the_same_whichever_vendor_keeps_it() -> None:
    book, clock = open_book(seed=7)
    zenoti = ZenotiEmulator(clock, seed=7)
    theirs = [
        (visit.therapist.full_name, visit.start, visit.blocked_until, "" if visit.guest is None else visit.guest.full_name)
        for visit in zenoti.ledger.visits.values()
    ]
    ours = [(visit.person.full_name, visit.start, visit.blocked_until, visit.guest_name) for visit in book.visits.values()]
    assert sorted(ours) == sorted(theirs)


def test_the_book_goes_on_as_the_clock_does() -> None:
    book, clock = open_book()
    last = book.list_visits()[-1].start
    clock.advance(timedelta(days=7))
    assert book.list_visits()[-1].start - last > timedelta(days=5)


def test_past_visits_are_done() -> None:
    book, _ = open_book()
    assert {visit.status for visit in book.list_visits() if visit.end <= NOW} == {"done"}
    assert {visit.status for visit in book.list_visits() if visit.end > NOW} == {"booked"}


def test_a_reset_brings_back_the_start() -> None:
    book, _ = open_book()
    before = [(visit.number, visit.start, visit.guest_name) for visit in book.list_visits()]
    book.add(HARBOUR, LISBON, ANNA, MASSAGE, at(10), guest=book.add_guest(HARBOUR, LISBON, "Mia Chen"))
    book.cancel(before[0][0])
    book.reset()
    assert [(visit.number, visit.start, visit.guest_name) for visit in book.list_visits()] == before
    assert {visit.status for visit in book.list_visits()} == {"done", "booked"}


def test_an_empty_day_offers_the_shift_on_the_grid() -> None:
    book, _ = open_book()
    walls = list_walls(book)
    assert (walls[0], walls[-1], len(walls)) == ("09:00", "17:00", 33)
    wide, _ = open_book(grid_minutes=60)
    assert list_walls(wide) == [f"{hour:02}:00" for hour in range(9, 18)]


def test_what_is_booked_is_no_longer_offered_recovery_included() -> None:
    book, _ = open_book()
    book.add(HARBOUR, LISBON, ANNA, MASSAGE, at(12))
    walls = list_walls(book)
    assert walls[walls.index("10:45") + 1] == "13:15"  # 60 minutes and 10 to recover


def test_a_longer_length_fits_less_often() -> None:
    book, _ = open_book()
    starts = book.list_starts(LISBON, MASSAGE, ANNA, EMPTY_DAY, 120)
    assert starts[-1][0] == at(16)


def test_only_the_future_is_offered() -> None:
    book, clock = open_book()
    clock.advance(at(12) - clock.now())
    starts = [start for start, _ in book.list_starts(LISBON, CUT, None, EMPTY_DAY)]
    assert starts
    assert min(starts) > clock.now()
    assert book.find_free_person(LISBON, CUT, at(11)) is None


def test_anyone_is_whoever_has_the_skill_and_least_to_do() -> None:
    book, _ = open_book()
    first = book.find_free_person(LISBON, MASSAGE, at(13))
    assert first is ANNA
    book.add(HARBOUR, LISBON, ANNA, MASSAGE, at(9))
    second = book.find_free_person(LISBON, MASSAGE, at(13))
    assert second is not None
    assert second.first_name == "Rui"


def test_nobody_is_given_somebody_whom_guests_may_not_choose() -> None:
    book, _ = open_book()
    day = date(2035, 4, 5)
    people = {person.first_name for _, free in book.list_starts(BANDRA, CUT, None, day) for person in free}
    assert people == {"Aarav"}
    trainee = BANDRA.find_person("bandra-meera")
    assert trainee
    assert book.list_starts(BANDRA, CUT, trainee, day)


def test_a_person_without_the_skill_is_never_free_for_it() -> None:
    book, _ = open_book()
    assert book.list_starts(LISBON, MASSAGE, INES, EMPTY_DAY) == []


def test_an_appointment_may_move_into_its_own_time() -> None:
    book, _ = open_book()
    visit = book.add(HARBOUR, LISBON, ANNA, MASSAGE, at(12))
    assert book.find_free_person(LISBON, MASSAGE, at(12, 30), person=ANNA) is None
    assert book.find_free_person(LISBON, MASSAGE, at(12, 30), person=ANNA, ignoring=visit.number) is ANNA
    book.move(visit.number, ANNA, at(15))
    assert (visit.start, visit.end) == (at(15), at(16))
    assert "12:00" in list_walls(book)


def test_a_cancelled_appointment_frees_its_time() -> None:
    book, _ = open_book()
    visit = book.add(HARBOUR, LISBON, ANNA, MASSAGE, at(12))
    book.cancel(visit.number)
    assert "12:00" in list_walls(book)


def test_the_hour_that_clocks_skip_is_not_offered() -> None:
    book, _ = open_book()
    for day in (date(2035, 3, 25), date(2035, 10, 28)):  # Lisbon's changes; it is closed, Brooklyn is not on its own
        assert list(book.list_grid(LISBON, day)) == []
    starts = list(book.list_grid(BROOKLYN, date(2035, 3, 11)))
    assert starts[0].astimezone(BROOKLYN.zone).strftime("%H:%M %z") == "10:00 -0400"


def test_guests_are_found_by_digits_or_by_mail() -> None:
    book, _ = open_book()
    mia = book.add_guest(HARBOUR, LISBON, "Mia Chen", phone="+351 912-345-678", email="mia@example.com")
    assert book.find_guest(HARBOUR, phone="+351912345678") is mia
    assert book.find_guest(HARBOUR, email="MIA@example.com") is mia
    assert book.find_guest(BUSINESSES["demo-clinic"], phone="+351912345678") is None
    assert book.find_guest(HARBOUR, phone="", email="") is None
