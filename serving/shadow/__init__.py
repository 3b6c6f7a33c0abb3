"""Another version scores what the champion scored, beside it, and nobody waits for it."""
