"""What changed: the difference between two scores of one lead, split over its reasons."""
