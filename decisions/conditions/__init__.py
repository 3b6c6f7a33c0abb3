"""Conditions of a policy: expressions in CEL, the Common Expression Language, compiled once."""

from decisions.conditions.bundle import Bundle, Held
from decisions.conditions.condition import Condition, names_in, syntax_fault

__all__ = ["Bundle", "Condition", "Held", "names_in", "syntax_fault"]
