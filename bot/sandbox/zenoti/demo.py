"""The demo businesses: which key opens which, and the time zones that Zenoti itself does not tell (§4)."""

from bot.sandbox.salon.demo import KEY_HARBOUR, KEY_RIVERSIDE
from bot.sandbox.zenoti.catalogue import Organization
from bot.sandbox.zenoti.harbour import HARBOUR_STUDIO
from bot.sandbox.zenoti.riverside import RIVERSIDE_PHYSIO

__all__ = ["KEY_HARBOUR", "KEY_HARBOUR_SECOND", "KEY_RIVERSIDE", "ORGANIZATIONS", "TIME_ZONES"]

KEY_HARBOUR_SECOND = "demo-second"
"""Another backend app of Harbour Studio: same data, and the same quota unless the switch `quota_scope` says otherwise."""

ORGANIZATIONS: dict[str, Organization] = {
    KEY_HARBOUR: HARBOUR_STUDIO,
    KEY_RIVERSIDE: RIVERSIDE_PHYSIO,
    KEY_HARBOUR_SECOND: HARBOUR_STUDIO,
}

TIME_ZONES: dict[str, dict[str, str]] = {
    key: {center.id: center.time_zone.iana for center in organization.centers} for key, organization in ORGANIZATIONS.items()
}
"""API key to center id to IANA zone, as an operator would write it into frontdesk.toml."""
