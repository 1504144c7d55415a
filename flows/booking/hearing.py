"""Whether a sentence speaks of an appointment at all, before anything is known that it could be applied to."""

from flows.draft import Draft
from flows.reading.choices import find_names
from flows.reading.days import read_day
from flows.reading.hours import read_hours


async def speaks_of_booking(draft: Draft, sentence: str) -> bool:
    """A day, an hour, or something offered at any of the locations."""
    wish = read_day(sentence, draft.now.date(), prefers_hours=True)
    if wish.days or read_hours(wish.rest):
        return True
    offered = [service.name for place in await draft.locations() for service in await draft.services(place.id)]
    return bool(find_names(offered, sentence))
