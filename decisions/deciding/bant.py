"""The four answers that qualify a prospect: budget, authority, need, timeline (BANT)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from decisions.policy.attributes import QUESTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from decisions.policy import Policy

PREFIX = "bant_"


def answers_of(of_columns: Mapping[str, str], of_reps: Mapping[str, str]) -> dict[str, str]:
    """Return yes, no or unknown for each question: what a rep said, else what the columns hold.

    >>> answers_of({"bant_budget": "no"}, {"need": "yes"})
    {'budget': 'no', 'authority': 'unknown', 'need': 'yes', 'timeline': 'unknown'}
    """
    found: dict[str, str] = {}
    for question in QUESTIONS:
        said = of_reps.get(question)
        found[question] = said if said in {"yes", "no"} else of_columns.get(PREFIX + question, "unknown")
    return found


def met(answers: Mapping[str, str]) -> int:
    """Return how many answers are known and met. One that is not known counts for nothing, not against."""
    return sum(answer == "yes" for answer in answers.values())


def to_ask(answers: Mapping[str, str], policy: Policy) -> tuple[str, ...]:
    """Return what is to be asked: nothing more once the answers that are known qualify the lead."""
    needed = policy.qualification.answers
    if met(answers) >= needed:
        return ()
    return tuple(f"Ask for the {question}." for question, answer in answers.items() if answer == "unknown")
