"""Parts of sentences that several steps share: what is being booked, with whom, when."""

from bot.conversation.contract import Text
from flows.draft import Draft


async def describe_service(draft: Draft) -> Text:
    """ "Haircut at Harbour, 45 min, €35"."""
    service, location = await draft.picked_service(), await draft.picked_location()
    if service.price is None:
        return Text("what.service", {"service": service.name, "location": location.name, "length": service.duration})
    return Text(
        "what.service_priced",
        {"service": service.name, "location": location.name, "length": service.duration, "price": service.price},
    )


async def describe_wish(draft: Draft) -> Text:
    """ "Haircut with Anna at Harbour"."""
    service, location = await draft.picked_service(), await draft.picked_location()
    return Text("what.wish", {"service": service.name, "who": await describe_staff(draft), "location": location.name})


async def describe_staff(draft: Draft) -> Text:
    """ "with Anna", "with anyone who is free"."""
    member = await draft.member()
    return Text("who.staff", {"staff": member.name}) if member else Text("who.anyone")
