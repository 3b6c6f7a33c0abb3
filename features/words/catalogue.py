"""A catalogue: every text of one language under a key, as `english.toml` and its translations state them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from features.errors import Fault, InputError
from features.toml_files import parsed_toml
from features.words.plain import is_odd
from features.words.plurals import Plurals
from features.words.template import Template, template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ENGLISH_FILE = "english.toml"

MOST_KEYS = 5_000
"""No file has more texts."""

_LISTS = frozenset({"numbers.small", "dates.months", "dates.weekdays", "names.capitals"})
_MARKS = frozenset({"numbers.decimal", "numbers.group", "values.separator"})
_FORMS = frozenset({"many", "us_many", "unit"})
"""The last names of keys that have a form for each plural category, as all of [counts] have."""


@dataclass(slots=True)
class Entries:
    """Texts by key, as they are read. `faults`: what is wrong with others."""

    templates: dict[str, Template] = field(default_factory=dict)
    forms: dict[str, dict[str, Template]] = field(default_factory=dict)
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def names(self) -> set[str]:
        """Return all keys."""
        return {*self.templates, *self.forms, *self.lists, *self.marks}

    def places(self) -> dict[str, frozenset[str]]:
        """Return the places of each text; of forms those of 'other'."""
        of_forms = {key: forms["other"].places for key, forms in self.forms.items()}
        return {key: one.places for key, one in self.templates.items()} | of_forms


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The texts of a language: templates, forms of a count by plural category, lists, and marks."""

    language: str
    plurals: Plurals
    templates: Mapping[str, Template]
    forms: Mapping[str, dict[str, Template]]
    lists: Mapping[str, tuple[str, ...]]
    marks: Mapping[str, str]

    def text(self, key: str) -> str:
        """Return a text that has no places."""
        return self.templates[key].text

    def find(self, key: str) -> str | None:
        """Return a text that has no places, or None where there is none of this key."""
        found = self.templates.get(key)
        return None if found is None else found.text

    def counted(self, key: str, count: int) -> Template:
        """Return the form that a count takes. One for this very number goes before that of its category."""
        forms = self.forms[key]
        return forms.get(str(count)) or forms.get(self.plurals.category(count)) or forms["other"]


@cache
def english() -> Catalogue:
    """Return the catalogue that comes with LeadLens."""
    text = (files("features.words") / ENGLISH_FILE).read_text("utf-8")
    return catalogue_of(parsed_toml(text, ENGLISH_FILE), ENGLISH_FILE)


def catalogue_of(content: dict[str, Any], said_of: str) -> Catalogue:
    """Return the catalogue that the content of a file states. Raises InputError with every fault in it."""
    plurals = plurals_of(content, said_of)
    entries = entries_of(content, said_of, plurals)
    if entries.faults:
        raise InputError(*entries.faults)
    return catalogue_from(str(content["language"]), plurals, entries)


def catalogue_from(language: str, plurals: Plurals, entries: Entries) -> Catalogue:
    """Return the catalogue of texts that were read without a fault."""
    return Catalogue(language, plurals, entries.templates, entries.forms, entries.lists, entries.marks)


def plurals_of(content: dict[str, Any], said_of: str) -> Plurals:
    """Return the plural rules of a file's section [plural]. Raises InputError."""
    rules = content.get("plural", {})
    try:
        return Plurals(rules if isinstance(rules, dict) else {"": ""})
    except ValueError as problem:
        raise InputError(Fault(f"{said_of}, plural", str(problem), repr(rules)[:80])) from problem


def entries_of(content: dict[str, Any], said_of: str, plurals: Plurals) -> Entries:
    """Return the texts of a file by key, but for the sections that are no texts."""
    entries = Entries()
    for key, value in _flat({name: held for name, held in content.items() if name not in _NO_TEXTS}, ()):
        if len(entries.names()) >= MOST_KEYS:
            entries.faults.append(Fault(said_of, f"at most {MOST_KEYS:,} texts", "more"))
            break
        try:
            _add(entries, key, value, plurals)
        except ValueError as problem:
            entries.faults.append(Fault(f"{said_of}, {key}", str(problem), repr(value)[:80]))
    return entries


_NO_TEXTS = frozenset({"language", "plural", "columns"})


def _flat(content: dict[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for name, value in content.items():
        here = (*path, name)
        is_forms = path == ("counts",) or name in _FORMS
        if isinstance(value, dict) and not is_forms:
            yield from _flat(value, here)
        else:
            yield ".".join(here), value


def _add(entries: Entries, key: str, value: Any, plurals: Plurals) -> None:
    if key in _LISTS:
        entries.lists[key] = _list(value)
    elif key in _MARKS:
        entries.marks[key] = _mark(value)
    elif key.startswith("counts.") or key.rpartition(".")[2] in _FORMS:
        entries.forms[key] = forms_of(value, plurals)
    else:
        entries.templates[key] = template(value)


def forms_of(value: Any, plurals: Plurals) -> dict[str, Template]:
    """Return the forms of a count. Raises ValueError that says what was expected."""
    if not isinstance(value, dict) or "other" not in value:
        raise ValueError("a form for 'other', and any for other counts, in a table")
    allowed = plurals.categories
    for name in value:
        if name not in allowed and not (name.isdecimal() and name.isascii() and len(name) < 4):
            raise ValueError(f"forms for {', '.join(allowed)} or for a number")
    forms = {name: template(text) for name, text in value.items()}
    if any(form.places - forms["other"].places for form in forms.values()):
        raise ValueError("no places in a form that the form 'other' has not")
    return forms


def _list(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or len(value) > 100:
        raise ValueError("a list of 1 to 100 texts")
    if any(not isinstance(text, str) or not text or len(text) > 40 or is_odd(text) for text in value):
        raise ValueError("texts of 1 to 40 characters in one line")
    return tuple(value)


def _mark(value: Any) -> str:
    if not isinstance(value, str) or len(value) > 3 or is_odd(value.strip() or "x"):
        raise ValueError("a mark of at most 3 characters")
    return value
