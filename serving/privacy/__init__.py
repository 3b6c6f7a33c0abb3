"""One person: all that is kept of them, to be handed over, or taken out without a trace."""
