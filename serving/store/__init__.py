"""What the service keeps: one SQLite file in the home, brought up to date by migrations."""
