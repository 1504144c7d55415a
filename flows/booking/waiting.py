"""While a confirmed wish is being carried out or looked up: short, honest answers, and nothing is started twice."""

from bot.conversation.contract import Choice, Reply, Text
from flows import ways
from flows.booking.machine import WAITING
from flows.booking.telling import describe_request
from flows.draft import Draft

# What is said to a word that cannot do its usual work just now.
ANSWERS = {"cancel": "waiting.cancel", "stop": "waiting.stop", "help": "waiting.help", "restart": "waiting.restart"}

# Answered with where the wish stands, as long as the customer has not gone on to something else.
ABOUT_IT = frozenset({"again", "back", "cancel", "stop", "help", "resume", "yes"})

# Understood even in the moment in which the vendor is asked.
ALWAYS = frozenset({"person", "language", "reach"})


def is_waiting(draft: Draft) -> bool:
    """Whether the confirmed wish is what the conversation is at."""
    return draft.session.state in WAITING


def holds_back(draft: Draft, action: str) -> bool:
    """Whether a word or button has to wait for the outcome. While it is only looked up, little has to."""
    if draft.session.state == "booking":
        return action not in ALWAYS
    return draft.session.state == "checking" and action in ABOUT_IT


def ask_waiting(draft: Draft, action: str = "") -> Reply:
    """Where the wish stands, after what there is to say to `action`."""
    if action in ANSWERS:
        draft.note(ANSWERS[action])
    key = "waiting.checking" if draft.session.state == "checking" else "booking.one_moment"
    return Reply(Text(key), choices=(Choice(Text("waiting.ask"), "again"),), ways=ways.out())


def report_waiting(draft: Draft) -> Reply:
    """The same to somebody who is doing something else meanwhile."""
    return Reply(Text("waiting.checking"), choices=(ways.onward(),), ways=ways.out())


def mention_pending(draft: Draft, key: str) -> Text | None:
    """The sentence about the pending wish, or None where there is none."""
    pending = draft.session.pending
    return Text(key, {"what": describe_request(pending, draft.session.wish)}) if pending else None
