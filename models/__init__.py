"""The scorer: features in, a calibrated score with its reasons out."""
