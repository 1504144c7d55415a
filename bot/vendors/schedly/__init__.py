"""Schedly (docs at app.schedly.io): customers and appointments by API key or OAuth behind the vendor contract."""

from bot.vendors.schedly.access import Access, KeyAccess, TokenAccess
from bot.vendors.schedly.adapter import TRAITS, Schedly, SchedlySettings
from bot.vendors.schedly.tokens import OAuthSettings, TokenKeeper

__all__ = ["TRAITS", "Access", "KeyAccess", "OAuthSettings", "Schedly", "SchedlySettings", "TokenAccess", "TokenKeeper"]
