"""Schedly's switches."""

from bot.sandbox.schedly.switches import Switches
from tests.vendors.turning import Turning

TURNING = Turning(Switches, left_out={}, more=({"read_delay_seconds": 10},))
