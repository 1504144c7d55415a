"""Schedly's switches."""

from bot.sandbox.schedly.switches import Switches
from tests.vendors.turning import Costs, Turning

TURNING = Turning(
    Switches,
    left_out={
        "conflict_on_overlap": "off, the vendor lets two people have one time, and nothing but another look would tell",
    },
    costs=Costs(known=2, new=4),
    more=({"read_delay_seconds": 10},),
)
