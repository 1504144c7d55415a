"""Booking systems, one file each."""
