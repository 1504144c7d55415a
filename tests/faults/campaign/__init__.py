"""Attacks the bot until something breaks: processes killed at every point of the crash matrix, calls lost, doubled, delayed."""
