"""Who may ask what, how often, and what was done: keys, limits, the log of acts."""
