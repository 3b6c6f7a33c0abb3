"""Deciding: what is known of a lead, and the policy, make one decision with its trace."""

from decisions.deciding.attributes import AttributeReader
from decisions.deciding.decide import Decider
from decisions.deciding.decision import Decision, Fired
from decisions.deciding.facts import FRESH, Facts, Held, Override, RuledOut
from decisions.deciding.knowing import FactsReader

__all__ = [
    "FRESH",
    "AttributeReader",
    "Decider",
    "Decision",
    "Facts",
    "FactsReader",
    "Fired",
    "Held",
    "Override",
    "RuledOut",
]
