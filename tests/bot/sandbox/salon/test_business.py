"""The demo businesses hold together: every key that is named exists."""

import pytest

from bot.sandbox.salon import BUSINESSES, Business

ALL = pytest.mark.parametrize("business", BUSINESSES.values(), ids=lambda business: business.slug)


@ALL
def test_every_key_named_exists(business: Business) -> None:
    keys = business.treatments.keys()
    assert all(set(one.add_on_keys) <= keys for one in business.treatments.values())
    for place in business.places:
        assert place.prices.keys() <= keys
        assert all(person.skills <= keys for person in place.people)


@ALL
def test_ids_and_keys_of_people_are_unique(business: Business) -> None:
    people = [person for place in business.places for person in place.people]
    assert len({one.id for one in people}) == len({one.key for one in people}) == len(people)
    assert all(one.key.isascii() for one in people)


@ALL
def test_regulars_have_numbers_of_their_country(business: Business) -> None:
    for regular in business.list_regulars():
        assert regular.phone.startswith(f"+{regular.place.country.dial}")


@ALL
def test_what_is_offered_somebody_does_everywhere(business: Business) -> None:
    for place in business.places:
        lonely = [one.key for one in business.list_treatments(place) if one.is_offered and not business.list_skilled(place, one)]
        assert lonely == []
