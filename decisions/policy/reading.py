"""Reading a policy: a company's own, laid over the default; and what is wrong with it, line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from decisions.policy.defaults import default_content
from decisions.policy.lines import line_of
from decisions.policy.policy import Policy
from features.errors import Fault, InputError
from features.toml_files import parsed_toml

if TYPE_CHECKING:
    from pathlib import Path

LONGEST_POLICY = 200_000
"""Characters of a policy."""

REMEDY = "See docs/policy.md, or `leadlens policy show` for a policy that is complete."


def read_policy(path: Path) -> Policy:
    """Read a policy file. Raises InputError naming the line of each thing that is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise InputError(
            Fault(str(path), "a policy file", "no such file", "Write one: score_threshold = 70")
        ) from None
    except ValueError as problem:
        raise InputError(Fault(str(path), "TOML in UTF-8", str(problem))) from problem
    return policy_of_text(text, path.name)


def policy_of_text(text: str, said_of: str = "policy.toml") -> Policy:
    """Return the policy that a text in TOML means. Raises InputError naming the line of each fault."""
    if len(text) > LONGEST_POLICY:
        raise InputError(Fault(said_of, f"at most {LONGEST_POLICY:,} characters", f"{len(text):,}"))
    own = parsed_toml(text, said_of)
    try:
        policy = Policy.model_validate(_laid_over(default_content(), own))
    except ValidationError as problem:
        raise InputError(*(_fault(error, text, said_of) for error in problem.errors())) from problem
    from decisions.deciding.trial import trial_fault  # noqa: PLC0415 - it decides by policies, and so needs this room

    if (said := trial_fault(policy)) is not None:
        raise InputError(Fault(said_of, "a policy by which leads can be decided on", said, REMEDY))
    return policy


def _laid_over(under: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Return tables with another's values in their places. What is new comes first where order counts.

    Segments are parted in one way or another, so that each is replaced as a whole.
    """
    new = {name: value for name, value in own.items() if name not in under}
    both = {
        name: _laid_over(value, own[name])
        if isinstance(value, dict) and isinstance(own.get(name), dict) and not {"by", "cases"} & value.keys()
        else own.get(name, value)
        for name, value in under.items()
    }
    return {**new, **both}


def _fault(error: Any, text: str, said_of: str) -> Fault:
    place = tuple(part for part in error["loc"] if part != "[key]")
    line = line_of(text, place)
    where = ", ".join([said_of, *([f"line {line}"] if line else []), ".".join(map(str, place))])
    said = str(error["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if error["type"] == "policy":
        return Fault(where.removesuffix(", "), *_parted(said, error["input"]), REMEDY)
    if error["type"] == "missing":
        return Fault(where, f"{place[-1]} beside what is there", "none", REMEDY)
    if error["type"] == "extra_forbidden":
        return Fault(where, "a setting that there is", f"one called {place[-1]!r}", REMEDY)
    said = said[:1].lower() + said[1:]
    if said.startswith("expected ") and ", found " in said:
        expected, _, found = said.removeprefix("expected ").partition(", found ")
        return Fault(where, expected, found, REMEDY)
    return Fault(where, said.removeprefix("expected "), repr(error["input"])[:80], REMEDY)


def _parted(said: str, found: Any) -> tuple[str, str]:
    if said.startswith("expected ") and ", found " in said:
        expected, _, was = said.removeprefix("expected ").partition(", found ")
        return expected, f"{was} in {str(found)[:80]!r}"
    if said.startswith("expected "):
        return said.removeprefix("expected "), repr(found)[:80] if found else "none"
    return "names that are known", f"{said} In {str(found)[:80]!r}"
