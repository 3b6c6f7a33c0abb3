"""Rivals: simpler ways to foretell the same rows, fitted on the same past. Each a file."""
