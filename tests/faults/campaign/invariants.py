"""What must hold after a run, read from the emulators' records; each function says what does not.

lost        nobody who did something was left without an answer; everything said at once was answered
double      one appointment at most for each confirm; nothing said twice outside the window of a lost answer
untrue      "booked" means an appointment, and every appointment was told: to the customer and to the staff
            replies come in the order of what they answer
unresolved  nobody is still being told to wait, and nothing waits in Redis for nobody
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from bot.sandbox.zenoti.ledger import Visit
from tests.faults.campaign.record import Taken
from tests.faults.crowd import Talker

Kind = Literal["lost", "double", "untrue", "unresolved"]
KINDS: tuple[Kind, ...] = ("lost", "double", "untrue", "unresolved")

REFERENCE = re.compile(r"Ref\. (\w+)")
LOST_ANSWERS = frozenset({"cut_after", "fail_after", "slow_after", "truncate"})
WAITING = ("One moment", "checking with the salon")
APOLOGY = "booking system is not answering"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that must not be."""

    kind: Kind
    invariant: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind} ({self.invariant}): {self.what}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the emulators have on record when everything has come to rest."""

    talkers: Sequence[Talker]
    chats: dict[int, list[Taken]]
    """Messages and edits by chat, the staff's included."""
    visits: Sequence[Visit]
    """All appointments that came through the bot."""
    staff_chats: Sequence[int]
    explains: Callable[[Taken, Taken], bool]
    """Whether something happened between two messages that lets a message be sent again: its answer was lost."""
    forgets: Callable[[float], bool]
    """Whether Redis came back without what it had written at this moment."""
    forgotten: frozenset[str]
    """Appointments (their ids) that were made while Redis was about to lose its last second, and with it what had been asked
    for: all that is promised of them is that the vendor has them."""
    late: Sequence[Talker]
    """Who stopped waiting and was answered after all."""
    leftovers: Sequence[str]
    """What is left in Redis."""


Invariant = Callable[[Evidence], Iterator[str]]


# ── lost ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def every_customer_was_answered(evidence: Evidence) -> Iterator[str]:
    for talker in evidence.talkers:
        if talker.told == "lost" and talker not in evidence.late:
            yield f"{talker.name}: no answer after {talker.trail[-3:]}"


def every_event_was_answered(evidence: Evidence) -> Iterator[str]:
    for talker in evidence.talkers:
        said = [taken.text for taken in _sent(evidence, talker.chat.id)]
        missing = [probe for probe in talker.probes if not any(probe.is_in(text) for text in said)]
        apologies = sum(APOLOGY in text for text in said)  # an answer, too, though it does not say to which
        if len(missing) > apologies and not evidence.forgets(missing[0].at):
            yield f"{talker.name}: {[probe.number[-9:] for probe in missing]} never answered"


# ── double ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def one_confirm_makes_one_appointment(evidence: Evidence) -> Iterator[str]:
    for notes, count in Counter(visit.notes for visit in evidence.visits if visit.takes_time).items():
        if count > 1:
            yield f"{count} appointments of one confirm, {notes!r}"


def one_customer_has_one_appointment(evidence: Evidence) -> Iterator[str]:
    """Nobody in the crowd wants a second one; a confirm that was refused has made none."""
    for name, visits in _by_guest(evidence).items():
        if len([visit for visit in visits if visit.id not in evidence.forgotten]) > 1:
            yield f"{name}: {len(visits)} appointments: {[visit.notes for visit in visits]}"


def no_event_is_answered_twice(evidence: Evidence) -> Iterator[str]:
    for talker in evidence.talkers:
        for probe in talker.probes:
            answers = [taken for taken in _sent(evidence, talker.chat.id) if probe.is_in(taken.text)]
            yield from _find_repeats(evidence, answers, f"{talker.name}: answer to {probe.number[-4:]}")


def no_booking_is_told_twice(evidence: Evidence) -> Iterator[str]:
    for talker in evidence.talkers:
        by_text = _group(_sent(evidence, talker.chat.id), lambda taken: _booked_line(taken.text))
        for line, told in by_text.items():
            yield from _find_repeats(evidence, told, f"{talker.name}: {line[:50]}")


def staff_hear_of_a_booking_once(evidence: Evidence) -> Iterator[str]:
    for chat in evidence.staff_chats:
        for line, told in _group(_sent(evidence, chat), lambda taken: taken.text).items():
            yield from _find_repeats(evidence, told, f"staff: {_find_reference(line) or line[:40]}")


# ── untrue ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def booked_means_an_appointment(evidence: Evidence) -> Iterator[str]:
    visits = _by_guest(evidence)
    for talker in evidence.talkers:
        for line in _booked_lines(evidence, talker):
            if not any(_tells(line, visit) for visit in visits[talker.name]):
                yield f"{talker.name}: told {line[:80]!r}, on record {[_show(visit) for visit in visits[talker.name]]}"


def an_appointment_is_told(evidence: Evidence) -> Iterator[str]:
    talkers = {talker.name: talker for talker in evidence.talkers}
    for name, visits in _by_guest(evidence).items():
        lines = _booked_lines(evidence, talkers[name])
        for visit in visits:
            if visit.id not in evidence.forgotten and not any(_tells(line, visit) for line in lines):
                yield f"{name}: {_show(visit)} never told; read {talkers[name].trail[-3:]}"


def staff_hear_of_every_booking(evidence: Evidence) -> Iterator[str]:
    heard = {reference for chat in evidence.staff_chats for taken in _sent(evidence, chat) if (reference := _told_staff(taken))}
    made = {reference for visit in evidence.visits if visit.takes_time and (reference := _note_reference(visit))}
    forgotten = {_note_reference(visit) for visit in evidence.visits if visit.id in evidence.forgotten}
    for reference in sorted(made - heard - forgotten - _told_and_forgotten(evidence)):
        yield f"staff never heard of {reference}"
    for reference in sorted(heard - made):
        yield f"staff heard of {reference}, which is not on record"


def replies_come_in_order(evidence: Evidence) -> Iterator[str]:
    for talker in evidence.talkers:
        sent = [taken.text for taken in _sent(evidence, talker.chat.id)]
        first = [next((at for at, text in enumerate(sent) if probe.is_in(text)), None) for probe in talker.probes]
        places = [] if talker.repeats else [at for at in first if at is not None]
        if any(earlier > later for earlier, later in pairwise(places)):
            yield f"{talker.name}: answers to three things said came as {places}"


# ── unresolved ───────────────────────────────────────────────────────────────────────────────────────────────────────


def nobody_is_left_waiting(evidence: Evidence) -> Iterator[str]:
    for talker in evidence.talkers:
        last = next((one for one in reversed(talker.chat.messages.values()) if one.is_from_bot), None)
        text = str(last.content.get("text", "")) if last else ""
        if any(part in text for part in WAITING):
            yield f"{talker.name}: the last word is {text[:60]!r}"


def nothing_waits_for_nobody(evidence: Evidence) -> Iterator[str]:
    yield from evidence.leftovers


INVARIANTS: dict[Kind, tuple[Invariant, ...]] = {
    "lost": (every_customer_was_answered, every_event_was_answered),
    "double": (
        one_confirm_makes_one_appointment,
        one_customer_has_one_appointment,
        no_event_is_answered_twice,
        no_booking_is_told_twice,
        staff_hear_of_a_booking_once,
    ),
    "untrue": (booked_means_an_appointment, an_appointment_is_told, staff_hear_of_every_booking, replies_come_in_order),
    "unresolved": (nobody_is_left_waiting, nothing_waits_for_nobody),
}


def find_problems(evidence: Evidence) -> list[Problem]:
    return [
        Problem(kind, invariant.__name__, what)
        for kind, invariants in INVARIANTS.items()
        for invariant in invariants
        for what in invariant(evidence)
    ]


def count_repeats(evidence: Evidence) -> int:
    """Messages said again in the stated window: every one that can be told apart from others, of all chats."""
    groups: list[list[Taken]] = []
    for talker in evidence.talkers:
        sent = _sent(evidence, talker.chat.id)
        groups += [[taken for taken in sent if probe.is_in(taken.text)] for probe in talker.probes]
        groups += _group(sent, lambda taken: _booked_line(taken.text)).values()
    for chat in evidence.staff_chats:
        groups += _group(_sent(evidence, chat), lambda taken: taken.text).values()
    return sum(max(0, len(group) - 1) for group in groups)


# ── Reading the record ───────────────────────────────────────────────────────────────────────────────────────────────


def _sent(evidence: Evidence, chat: int) -> list[Taken]:
    return [taken for taken in evidence.chats.get(chat, []) if taken.method == "sendMessage"]


def _group(sent: Iterable[Taken], name: Callable[[Taken], str]) -> dict[str, list[Taken]]:
    groups: defaultdict[str, list[Taken]] = defaultdict(list)
    for taken in sent:
        if name(taken):
            groups[name(taken)].append(taken)
    return groups


def _find_repeats(evidence: Evidence, told: Sequence[Taken], what: str) -> Iterator[str]:
    for first, again in pairwise(told):
        if not evidence.explains(first, again):
            yield f"{what} said again after {again.at - first.at:.1f} s, by {first.by} and {again.by}, and nothing had been lost"


def _booked_line(text: str) -> str:
    return text.partition("\n")[0] if text.startswith("Booked:") else ""


def _booked_lines(evidence: Evidence, talker: Talker) -> set[str]:
    return {line for taken in evidence.chats.get(talker.chat.id, []) if (line := _booked_line(taken.text))}


def _by_guest(evidence: Evidence) -> defaultdict[str, list[Visit]]:
    found: defaultdict[str, list[Visit]] = defaultdict(list)
    for visit in evidence.visits:
        if visit.takes_time and visit.guest is not None:
            found[visit.guest.full_name].append(visit)
    return found


def _tells(line: str, visit: Visit) -> bool:
    """Whether the sentence is about this appointment: time, day of the month, service and place."""
    local = visit.local(visit.start)
    service = visit.service.name if visit.service else ""
    is_day = re.search(rf"\b{local.day}\b", line) is not None
    return f"{local:%H:%M}" in line and is_day and service in line and visit.center.name in line


def _show(visit: Visit) -> str:
    local = visit.local(visit.start)
    return f"{local:%a %d %b %H:%M} {visit.service.name if visit.service else ''} at {visit.center.name} [{visit.notes}]"


def count_forgotten(evidence: Evidence) -> int:
    """Appointments that neither customer nor staff heard of, because Redis forgot that they had been asked for."""
    talkers = {talker.name: talker for talker in evidence.talkers}
    return sum(
        visit.id in evidence.forgotten and not any(_tells(line, visit) for line in _booked_lines(evidence, talkers[name]))
        for name, visits in _by_guest(evidence).items()
        for visit in visits
    )


def _told_and_forgotten(evidence: Evidence) -> set[str]:
    """Bookings told to the customer in a second that Redis lost, and with it the line for the staff."""
    visits = _by_guest(evidence)
    told = (
        (talker, taken)
        for talker in evidence.talkers
        for taken in evidence.chats.get(talker.chat.id, [])
        if _booked_line(taken.text) and evidence.forgets(taken.at)
    )
    return {_note_reference(visit) for talker, _ in told for visit in visits[talker.name]}


def _find_reference(text: str) -> str:
    found = REFERENCE.search(text)
    return found[1] if found else ""


def _told_staff(taken: Taken) -> str:
    return _find_reference(taken.text) if taken.text.startswith("Booked:") else ""


def _note_reference(visit: Visit) -> str:
    found = re.search(r"[A-Z2-7]{8}", visit.notes)
    return found[0] if found else ""
