"""Booking an appointment, step by step: each step in its own module, the order in `path`, the states in `machine`."""
