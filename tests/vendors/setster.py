"""Setster's switches."""

from bot.sandbox.setster.switches import Switches
from tests.vendors.turning import Costs, Turning

TURNING = Turning(
    Switches,
    left_out={
        "enforce_availability": "whoever looks twenty seconds before books in two calls: see the adapter's tests of booking",
    },
    costs=Costs(known=2, new=2),
    more=({"session_ttl_calls": 2}, {"list_delay_s": 10}),
)
