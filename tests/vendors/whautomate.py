"""Whautomate's switches."""

from bot.sandbox.whautomate.switches import Switches
from tests.vendors.turning import Costs, Turning

TURNING = Turning(
    Switches,
    left_out={
        "moved_id": "the contract says that a move keeps the id: see the adapter's tests of changes",
        "rate_headers": "only headers: see the adapter's tests",
        "webhook_events_strict": "no webhooks in this world",
    },
    costs=Costs(known=2, new=2),
    more=({"largest_page_size": 20}, {"read_delay_seconds": 10}, {"create_delay_ms": 20}, {"next_three_days": 2}),
)
