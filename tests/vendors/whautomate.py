"""Whautomate's switches."""

from bot.sandbox.whautomate.switches import Switches
from tests.vendors.turning import Turning

TURNING = Turning(Switches, left_out={}, more=({"default_page_size": 3},))
