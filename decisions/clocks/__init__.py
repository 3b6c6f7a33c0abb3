"""What is due when: working time, deadlines by wall and by working hours, follow-up, escalation."""
