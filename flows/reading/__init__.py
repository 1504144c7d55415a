"""Typed lines become choices, days, hours, names and numbers. Pure: nothing here knows the conversation."""
