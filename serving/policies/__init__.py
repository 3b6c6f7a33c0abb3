"""Policies: their versions in the store, and the one that a process decides by."""
