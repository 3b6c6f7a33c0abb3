"""What people say of leads: answers that qualify, feedback, how sales answers."""
