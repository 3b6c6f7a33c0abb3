"""From a decision to a rep: who may get a lead, who can take it now, and whose turn it is."""
