"""What the service keeps: one SQLite file in the home, or one PostgreSQL database."""
