"""Features in words: one grammar for all features of any company's columns and events."""

from features.words.own_words import phrasebook_from, phrasebook_of_home, read_words, strangers
from features.words.phrasebook import ENGLISH, Phrasebook, is_known

__all__ = [
    "ENGLISH",
    "Phrasebook",
    "is_known",
    "phrasebook_from",
    "phrasebook_of_home",
    "read_words",
    "strangers",
]
