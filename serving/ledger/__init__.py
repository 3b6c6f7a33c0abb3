"""Every score of a stored lead that was recorded, in a chain that nobody can change unseen."""
