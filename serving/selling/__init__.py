"""What is kept of decisions, and what people say of leads: states, stages, answers, feedback."""
