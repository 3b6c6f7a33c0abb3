"""A mapping as text, with a comment on everything in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomlkit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from features.guessing.guess import Guess

_SECTIONS = ("leads", "events", "changes", "outcomes", "accounts", "training")
_COMMENT_CHARACTERS = 400


def mapping_text(guesses: Iterable[Guess]) -> str:
    """Return TOML that `read_mapping` reads. Each value stands under, each item before, its comment."""
    document = tomlkit.document()
    document.add(tomlkit.comment("Made by leadlens init. Every line is a guess from the files: check them."))
    by_section: dict[str, list[Guess]] = {name: [] for name in _SECTIONS}
    for guess in guesses:
        by_section[guess.section].append(guess)
    for name, of_section in by_section.items():
        if any(guess.form != "hint" for guess in of_section):
            document.add(tomlkit.nl())
            document.add(name, _table(of_section))
        else:
            for guess in of_section:
                document.add(tomlkit.nl())
                document.add(tomlkit.comment(f"[{name}] {_said(guess.why)}"))
    return tomlkit.dumps(document)


def _table(guesses: list[Guess]) -> tomlkit.items.Table:
    table = tomlkit.table()
    for guess in guesses:
        if guess.form in {"value", "hint"}:
            table.add(tomlkit.comment(_said(guess.why)))
        if guess.form == "value":
            table.add(guess.key, _inline(guess.value))
    lists = dict.fromkeys(guess.key for guess in guesses if guess.form == "item")
    for key in lists:
        array = tomlkit.array()
        for guess in guesses:
            if guess.form == "item" and guess.key == key:
                array.add_line(guess.value, comment=_said(guess.why))
        array.add_line(indent="")
        table.add(key, array)
    for key in dict.fromkeys(guess.key for guess in guesses if guess.form == "entry"):
        entries = tomlkit.table()
        for guess in guesses:
            if guess.form == "entry" and guess.key == key:
                entries.add(tomlkit.comment(_said(guess.why)))
                entries.add(guess.name, guess.value)
        table.add(key, entries)
    return table


def _inline(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inline = tomlkit.inline_table()
    inline.update(value)
    return inline


def _said(why: str) -> str:
    """Return evidence as one line of a comment: cells can hold anything, line breaks too."""
    line = " ".join("".join(mark if mark.isprintable() else " " for mark in why).split())
    return line if len(line) <= _COMMENT_CHARACTERS else line[: _COMMENT_CHARACTERS - 3] + "..."
