"""The work that waits: scoring stored leads again, sealing, keeping to retention, scoring files."""
