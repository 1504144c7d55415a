"""A typed line as hours of a day: "17:00", "5pm", "after 5", "between 3 and 5", "por la tarde"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from flows.reading.folding import fold

# Before this hour a bare number means the afternoon: nobody asks a salon for "after 5" in the morning.
FIRST_MORNING_HOUR = 8

NOON = 12
HOURS_IN_DAY = 24

MORNING, AFTERNOON, EVENING = "morning", "afternoon", "evening"


@dataclass(frozen=True, slots=True)
class Hours:
    """Which start times are meant: from `earliest` on, before `latest`, or one of `exact`."""

    earliest: time | None = None
    latest: time | None = None
    exact: tuple[time, ...] = ()
    """More than one where the line does not say morning or afternoon."""

    def holds(self, start: time) -> bool:
        if self.exact:
            return start in self.exact
        return (self.earliest is None or start >= self.earliest) and (self.latest is None or start < self.latest)

    @property
    def likely(self) -> time:
        """Of the exact times, the one a salon's customer means."""
        is_early = len(self.exact) > 1 and self.exact[0].hour < FIRST_MORNING_HOUR
        return self.exact[1] if is_early else self.exact[0]

    def write(self) -> str:
        """As kept in a session: `17:00-`, `-12:00`, `12:00-17:00`. Exact hours are not kept."""
        return "-".join("" if edge is None else f"{edge:%H:%M}" for edge in (self.earliest, self.latest))


# The parts of a day as salons speak of them, for buttons.
PARTS = {
    MORNING: Hours(latest=time(12)),
    AFTERNOON: Hours(earliest=time(12), latest=time(17)),
    EVENING: Hours(earliest=time(17)),
}

# "Tarde" lasts until the Spanish evening begins.
_TARDE = Hours(earliest=time(12), latest=time(20))
_NOCHE = Hours(earliest=time(19))

_PART_WORDS = (
    (re.compile(r"\b(?:morning|(?:por|en|de|a) la manana|esta manana|manana)\b"), PARTS[MORNING]),
    (re.compile(r"\b(?:afternoon|lunch ?time|mediodia)\b"), PARTS[AFTERNOON]),
    (re.compile(r"\b(?:evening|tonight|after work)\b"), PARTS[EVENING]),
    (re.compile(r"\btarde\b"), _TARDE),
    (re.compile(r"\bnoche\b"), _NOCHE),
)
_HALF = re.compile(r"\b(\d{1,2}) y media\b")
_HALF_PAST = re.compile(r"\bhalf past (\d{1,2})\b")
_MIDDAY = re.compile(r"\b(?:noon|midday|(?:las )?12 del mediodia)\b")
_CLOCK = (
    r"(?:at |around |about |a |sobre |hacia )?(?:las? )?(\d{1,2})(?:\s?[:.h]\s?(\d{2}))?\s?(?:h|hrs|horas|o'clock)?"
    r"\s?(am|pm|a\.m\.?|p\.m\.?|(?:de|por) la (?:manana|tarde|noche))?(?!\w)"
)
_ONE = re.compile(rf"(?<![\d:.]){_CLOCK}")
_AFTER = re.compile(rf"\b(?:after|from|since|later than|not before|despues de|a partir de|desde|mas tarde de)\s+{_CLOCK}")
_BEFORE = re.compile(rf"\b(?:before|until|till|by|earlier than|antes de|hasta)\s+{_CLOCK}")
_BETWEEN = re.compile(rf"\b(?:between|from|entre|de)\s+{_CLOCK}\s*(?:and|to|until|till|-|y|a|hasta)\s+{_CLOCK}")


_RANGE = re.compile(rf"{_CLOCK}\s*-\s*{_CLOCK}")


def read_hours(text: str) -> Hours | None:
    """The hours the line speaks of, or None."""
    line = _HALF_PAST.sub(r"\1:30", _HALF.sub(r"\1:30", _MIDDAY.sub("12:00", fold(text))))
    if match := _BETWEEN.search(line) or _RANGE.fullmatch(line):
        return _between(match.groups())
    if match := _AFTER.search(line):
        return _edge(match.groups(), is_earliest=True)
    if match := _BEFORE.search(line):
        return _edge(match.groups(), is_earliest=False)
    if match := _ONE.search(line):
        return _exact(match.groups())
    return next((hours for pattern, hours in _PART_WORDS if pattern.search(line)), None)


def parse_hours(written: str) -> Hours | None:
    """What `Hours.write` wrote, or None."""
    try:
        earliest, latest = (time.fromisoformat(edge) if edge else None for edge in written.split("-"))
    except ValueError:
        return None
    return Hours(earliest, latest) if earliest or latest else None


def _exact(groups: Sequence[str | None]) -> Hours | None:
    times = _possible_times(groups)
    return Hours(exact=times) if times else None


def _edge(groups: Sequence[str | None], *, is_earliest: bool) -> Hours | None:
    edge = _likely_time(groups)
    if edge is None:
        return None
    return Hours(earliest=edge) if is_earliest else Hours(latest=edge)


def _between(groups: Sequence[str | None]) -> Hours | None:
    half = len(groups) // 2
    earliest, latest = _likely_time(groups[:half]), _likely_time(groups[half:])
    if earliest is None or latest is None or earliest >= latest:
        return None
    return Hours(earliest, latest)


def _likely_time(groups: Sequence[str | None]) -> time | None:
    times = _possible_times(groups)
    return Hours(exact=times).likely if times else None


def _possible_times(groups: Sequence[str | None]) -> tuple[time, ...]:
    """The times of day that hour, minutes and half of the day may mean."""
    hour, minutes, half = int(groups[0] or 0), int(groups[1] or 0), (groups[2] or "")
    if hour >= HOURS_IN_DAY or minutes >= 60:
        return ()
    if half:
        is_afternoon = (half.startswith("p") and not half.startswith("por")) or half.endswith(("tarde", "noche"))
        return (time(hour % NOON + (NOON if is_afternoon else 0), minutes),) if hour <= NOON else (time(hour, minutes),)
    if 0 < hour < NOON and not (groups[1] and len(groups[0] or "") > 1):
        return (time(hour, minutes), time(hour + NOON, minutes))
    return (time(hour, minutes),)
