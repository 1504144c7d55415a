"""The bot: everything but what the business does, which is in `flows`."""
