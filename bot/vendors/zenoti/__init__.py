"""Zenoti (docs.zenoti.com/reference): guests, drafts, holds and confirmations behind the vendor contract."""

from bot.vendors.zenoti.adapter import TRAITS, Zenoti
from bot.vendors.zenoti.client import ZenotiSettings

__all__ = ["TRAITS", "Zenoti", "ZenotiSettings"]
