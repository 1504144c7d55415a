"""The demo businesses as they are, whichever vendor keeps their book."""

from bot.sandbox.salon.book import Book
from bot.sandbox.salon.business import Business, Guest, Person, Place, Treatment
from bot.sandbox.salon.control import SalonControl, What
from bot.sandbox.salon.demo import BUSINESSES, KEY_HARBOUR, KEY_RIVERSIDE
from bot.sandbox.salon.directory import Directory, Spelling, number_ids
from bot.sandbox.salon.visit import Visit

__all__ = [
    "BUSINESSES",
    "KEY_HARBOUR",
    "KEY_RIVERSIDE",
    "Book",
    "Business",
    "Directory",
    "Guest",
    "Person",
    "Place",
    "SalonControl",
    "Spelling",
    "Treatment",
    "Visit",
    "What",
    "number_ids",
]
