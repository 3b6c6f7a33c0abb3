"""What is known of leads: their cells and every change, events, outcomes, and which lead an id means."""
