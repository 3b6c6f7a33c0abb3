"""What moves scores, explained over all leads, and by leads of the past that were moved alike."""
