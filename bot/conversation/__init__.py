"""How an event becomes a decision, and a decision becomes durable."""
