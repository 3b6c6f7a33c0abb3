"""What is due of assignments: timers, notices, what was kept and missed."""
