"""Every id finds what it stands for, and nothing else."""

from bot.sandbox.clock import SandboxClock
from bot.sandbox.salon import BUSINESSES, Book, Directory, Spelling, number_ids

ALL = tuple(BUSINESSES.values())


def test_ids_find_what_they_were_spelled_from() -> None:
    for spelling in (Spelling(), number_ids(ALL), number_ids(ALL, is_service_local=True)):
        directory = Directory(ALL, spelling)
        for business in ALL:
            for place in business.places:
                assert directory.find_place(spelling.place(place)) == (business, place)
                for person in place.people:
                    assert directory.find_person(spelling.person(person)) == (business, place, person)
                for treatment in business.list_treatments(place):
                    assert directory.find_treatment(place, spelling.treatment(place, treatment)) is treatment


def test_a_local_service_is_unknown_elsewhere() -> None:
    lisbon, brooklyn, _ = ALL[0].places
    spelling = number_ids(ALL, is_service_local=True)
    ident = spelling.treatment(lisbon, ALL[0].treatments["cut"])
    assert Directory(ALL, spelling).find_treatment(brooklyn, ident) is None


def test_breaks_have_no_id() -> None:
    book = Book(ALL, SandboxClock())
    directory = Directory(ALL, Spelling(visit=lambda number: f"apt_{number}"))
    for visit in book.visits.values():
        found = directory.find_visit(book.visits, f"apt_{visit.number}")
        assert found is (None if visit.treatment is None else visit)
