"""A policy as a complete file: the default one with its comments, and a company's own values in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomlkit

from decisions.policy.defaults import default_text
from decisions.policy.reading import policy_of_text
from features.toml_files import parsed_toml

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from decisions.policy.policy import Policy

IS_REPLACED = {"by", "cases"}
"""A table with one of these is not laid over another, but takes its place."""


def complete_text(own: str = "", said_of: str = "policy.toml") -> str:
    """Return the text of the whole policy that `own` means, in TOML; it means the same when it is read.

    Raises InputError naming the line of each thing that is wrong with `own`.
    """
    policy = policy_of_text(own, said_of)
    content = parsed_toml(own, said_of)
    content.pop("score_threshold", None)  # the thresholds by rung, which follow, say it for each
    document = tomlkit.parse(default_text())
    _lay_over(document, content)
    for section, said in policy.content.items():
        if section not in document and said is not None:
            document[section] = _without_nothing(said)
    document["score_threshold_by_rung"] = _thresholds(policy)
    return tomlkit.dumps(document)


def _thresholds(policy: Policy) -> Any:
    table = tomlkit.table()
    table.update({rung: policy.threshold(rung) for rung in ("points", "blend", "model")})
    return table


def _lay_over(under: MutableMapping[str, Any], own: Mapping[str, Any]) -> None:
    for name, value in own.items():
        there = under.get(name)
        if isinstance(value, dict) and isinstance(there, dict) and not IS_REPLACED & there.keys():
            _lay_over(there, value)
        else:
            under[name] = value


def _without_nothing(said: Any) -> Any:
    """Return content without what is None, which TOML does not know."""
    if isinstance(said, dict):
        return {name: _without_nothing(value) for name, value in said.items() if value is not None}
    return [_without_nothing(one) for one in said] if isinstance(said, list) else said
