"""The vendors that are emulated. Another one is one more import and one more name below."""

from bot.sandbox import schedly, setster, whautomate, zenoti
from bot.sandbox.vendor import VendorDemo

EMULATORS: dict[str, VendorDemo] = {
    one.slug: one
    for one in (
        zenoti.DEMO,
        schedly.DEMO,
        setster.DEMO,
        whautomate.DEMO,
        # One line for each vendor.
    )
}
