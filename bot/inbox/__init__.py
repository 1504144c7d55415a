"""An event arrives exactly once, in order, and is worked on by one worker."""
