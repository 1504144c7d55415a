"""What one business number on WhatsApp needs to be told."""

from dataclasses import dataclass
from datetime import timedelta

OFFICIAL_GRAPH = "https://graph.facebook.com/v25.0"


@dataclass(frozen=True, slots=True)
class WhatsappSettings:
    """One number of one business."""

    slug: str
    """The business's slug; part of the webhook's path and of the key of its buttons."""
    number_id: str
    """Meta's id of the number, not the number."""
    access_token: str
    app_secrets: tuple[str, ...] = ()
    """All are accepted: keep the old one while rotating. The first is the key of the buttons. Empty: no webhook is authentic."""
    verify_token: str = ""
    """Empty: no handshake succeeds."""
    graph_url: str = OFFICIAL_GRAPH
    timeout: timedelta = timedelta(seconds=8)
    """For one whole call; must stay below the lease of the worker that makes it."""

    def __repr__(self) -> str:
        return f"WhatsappSettings(slug={self.slug!r})"
