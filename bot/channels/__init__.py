"""Messaging platforms, one file each."""
