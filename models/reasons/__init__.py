"""From contributions to reasons: grouped, signed, in words, adding up to the score."""
