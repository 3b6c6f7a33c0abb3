"""A guess about a company's files, and the evidence for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """One line of a mapping, and why it was written.

    `form`: a `value` of `key`; an `item` of the list at `key`; an `entry` (`name`, value) of the table at
    `key`; or a `hint`, which is said and not set.
    """

    section: str
    key: str = ""
    value: Any = None
    why: str
    form: Literal["value", "item", "entry", "hint"] = "value"
    name: str = ""


def content_of(guesses: Iterable[Guess]) -> dict[str, Any]:
    """Return what the guesses say together, as `features.mapping.mapping_from` takes it."""
    content: dict[str, Any] = {}
    for guess in guesses:
        if guess.form == "hint":
            continue
        section = content.setdefault(guess.section, {})
        if guess.form == "value":
            section[guess.key] = guess.value
        elif guess.form == "item":
            section.setdefault(guess.key, []).append(guess.value)
        else:
            section.setdefault(guess.key, {})[guess.name] = guess.value
    return content
