"""From files that nobody has described to a first mapping, with a reason for every guess."""

from features.guessing.guesser import flat_content, guess_content, guess_mapping, guesses_about

__all__ = ["flat_content", "guess_content", "guess_mapping", "guesses_about"]
