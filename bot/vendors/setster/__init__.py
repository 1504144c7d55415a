"""Setster API v2 (www.setster.com/developers): a session in the query string, lists, availability and one create."""

from bot.vendors.setster.adapter import TRAITS, Setster
from bot.vendors.setster.client import SetsterSettings

__all__ = ["TRAITS", "Setster", "SetsterSettings"]
