"""Whautomate (help.whautomate.com, REST v1): one POST books, and the record is asked when its answer is lost."""

from bot.vendors.whautomate.adapter import SUBSCRIBED_CALLS, TRAITS, Whautomate
from bot.vendors.whautomate.client import WhautomateSettings
from bot.vendors.whautomate.made import Made

__all__ = ["SUBSCRIBED_CALLS", "TRAITS", "Made", "Whautomate", "WhautomateSettings"]
