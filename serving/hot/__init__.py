"""The shortest way to a score: the usual request of one lead, answered before anything else is asked."""
