"""Leads given to reps: assignments, turns, claims, queues."""
