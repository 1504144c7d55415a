"""Zenoti's switches."""

from bot.sandbox.zenoti.switches import Switches
from tests.vendors.turning import Costs, Turning

TURNING = Turning(
    Switches,
    left_out={
        "rate_limit_level": "only headers: see the tests of the client",
        "quota_scope": "one key only in this world",
        "unique_email": "whoever has the e-mail already is not the guest meant: see the tests of guests",
    },
    costs=Costs(known=4, new=7),
    more=(
        {"grid_minutes": 10},
        {"read_delay_seconds": 5},
        {"booking_error_casing": "lower", "booking_error_status": 400},
        {"second_confirm": "error", "second_confirm_code": 4072},
        {"future_days": "always", "future_days_ahead": 14},
    ),
)
