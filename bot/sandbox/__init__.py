"""Stand-ins for the platforms and vendors, over real HTTP, and the demo page."""
