"""What follows from decisions and is kept: reps, assignments, timers, notices, what reps say."""
