"""Flood control: the generic cell rate algorithm per chat and per bot, with penalties."""

from math import ceil

from bot.sandbox.telegram.switches import Switches

# Seconds forgiven, so that a sender pacing itself exactly on the limit is not refused over a rounding error.
_TOLERANCE = 0.005

_Key = tuple[int, int]


class Flood:
    """Who may send now. Times are seconds of the sandbox clock."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._due: dict[_Key, float] = {}
        self._penalties: dict[_Key, float] = {}

    def admit(self, bot: int, chat: int, now: float) -> int:
        """Count a send; 0 if it may pass, else the seconds to wait, and then nothing is counted."""
        switches = self._switches
        if not switches.flood:
            return 0
        if chat < 0:
            own = ((bot, chat), switches.group_interval_seconds, switches.group_burst)
        else:
            own = ((bot, chat), switches.private_interval_seconds, switches.private_burst)
        limits = (own, ((bot, 0), 1 / switches.bot_rate, switches.bot_rate))
        for key, interval, burst in limits:
            if wait := self._wait(key, interval, burst=burst, now=now):
                return wait
        for key, interval, _ in limits:
            self._due[key] = max(self._due.get(key, 0.0), now) + interval
        return 0

    def clear(self) -> None:
        self._due.clear()
        self._penalties.clear()

    def _wait(self, key: _Key, interval: float, *, burst: int, now: float) -> int:
        until = self._penalties.get(key, 0.0)
        if until > now:
            if self._switches.strict_flood:
                until += interval
                self._penalties[key] = until
            return ceil(until - now)
        early = self._due.get(key, 0.0) - now - interval * (burst - 1)
        if early <= _TOLERANCE:
            return 0
        wait = ceil(early)
        self._penalties[key] = now + wait
        return wait
