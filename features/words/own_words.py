"""A company's own words: a file over the English catalogue, or a whole catalogue in another language."""

from __future__ import annotations

import json
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from features.errors import Fault, InputError
from features.toml_files import read_toml
from features.words.catalogue import Entries, catalogue_from, english, entries_of, forms_of, plurals_of
from features.words.naming import LONGEST_NAME, LONGEST_VALUE, OwnColumn
from features.words.phrasebook import ENGLISH, Phrasebook
from features.words.plain import plain
from features.words.template import template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from features.spec import FeatureSpec
    from features.words.catalogue import Catalogue
    from features.words.plurals import Plurals
    from features.words.template import Template

FILE = "words.toml"
"""The name of the file in a home."""

MOST_BYTES = 1_000_000
"""A larger file is none of words."""

_PLACES_OF_MANY = frozenset({"count", "times"})
_OF_EVENT = ("past", "participle", "many", "noun", "us_past", "us_participle", "us_many")
_REMEDY = "All keys are in features/words/english.toml; docs/words.md says how to use them."


def phrasebook_of_home(home: Path) -> Phrasebook:
    """Return the words of a home: those of its file, or those that come with LeadLens where it has none."""
    path = home / FILE
    return read_words(path) if path.is_file() else ENGLISH


def read_words(path: Path) -> Phrasebook:
    """Return the words that a file states. Raises InputError with every fault in it.

    A file without `language` is laid over English. One with it is a translation, which has to state all
    keys, each with the same places.
    """
    try:
        size = path.stat().st_size
    except OSError:
        remedy = "Write one, or leave --words out."
        raise InputError(Fault(str(path), "a file of words", "no such file", remedy)) from None
    if size > MOST_BYTES:
        raise InputError(Fault(str(path), f"at most {MOST_BYTES:,} bytes", f"{size:,}"))
    return phrasebook_of(read_toml(path), path.name)


def phrasebook_of(content: Mapping[str, Any], said_of: str) -> Phrasebook:
    """Return the words that the content of a file states. Raises InputError with every fault in it."""
    translates = "language" in content
    plurals = plurals_of(dict(content), said_of) if translates else english().plurals
    entries = entries_of(dict(content), said_of, plurals)
    columns, wrong = _columns(content.get("columns", {}), said_of, plurals)
    faults = [*_misplaced(content, said_of, translates=translates), *entries.faults, *wrong]
    faults += _faults(entries, said_of, translates=translates)
    if faults:
        raise InputError(*faults)
    if translates:
        catalogue = catalogue_from(str(content["language"]), plurals, entries)
    else:
        catalogue = _over(english(), entries)
    return Phrasebook(catalogue, columns, json.dumps(content, ensure_ascii=False))


def phrasebook_from(source: str | None) -> Phrasebook:
    """Return the words whose `source` this is: as they arrive in another process."""
    return ENGLISH if source is None else phrasebook_of(json.loads(source), FILE)


def strangers(words: Phrasebook, spec: FeatureSpec) -> tuple[str, ...]:
    """Return, in sentences, which columns a company has words for that a model does not read."""
    known = {feature.about for feature in spec.features if feature.is_of_column}
    return tuple(
        f"{FILE} has words for the column '{plain(name, LONGEST_NAME)}', which this model does not read"
        for name in words.columns
        if name not in known
    )


def _misplaced(content: Mapping[str, Any], said_of: str, *, translates: bool) -> Iterator[Fault]:
    language = content.get("language", "en")
    if translates and not (isinstance(language, str) and 2 <= len(language) <= 35 and language.isascii()):
        yield Fault(f"{said_of}, language", "a language such as 'de'", repr(language)[:80])
    if not translates and "plural" in content:
        remedy = "Remove it, or state the language of a translation."
        yield Fault(f"{said_of}, plural", "no plural rules but in a translation", "some", remedy)


def _faults(entries: Entries, said_of: str, *, translates: bool) -> Iterator[Fault]:
    """Yield what a file states that no catalogue has, and what a translation does not state."""
    known = english()
    base = Entries(dict(known.templates), dict(known.forms), dict(known.lists), dict(known.marks))
    places = base.places()
    for key, held in sorted(entries.places().items()):
        allowed = places.get(key, _PLACES_OF_MANY if key.endswith("many") else frozenset())
        wrong = held - allowed
        missing = allowed - held if translates and not _is_of_event(key, "many") else frozenset()
        if wrong or missing:
            yield Fault(f"{said_of}, {key}", _places(allowed), _places(held), "Correct the names in braces.")
    for key in sorted(entries.names() - base.names()):
        if not _is_own(key):
            near = get_close_matches(key, sorted(base.names()), 1)
            remedy = f"Is '{near[0]}' meant? {_REMEDY}" if near else _REMEDY
            yield Fault(f"{said_of}, {key}", "a key of the catalogue", "one that it does not have", remedy)
    if translates:
        absent = sorted(base.names() - entries.names())
        yield from (Fault(f"{said_of}, {key}", "a text", "nothing", "Translate it.") for key in absent)
    yield from _without_past(entries, base, said_of)
    for key in ("dates.months", "dates.weekdays"):
        count, found = len(base.lists[key]), len(entries.lists.get(key, base.lists[key]))
        if count != found:
            yield Fault(f"{said_of}, {key}", f"{count} texts", f"{found}")


def _places(places: frozenset[str]) -> str:
    return f"the places {', '.join(f'{{{name}}}' for name in sorted(places))}" if places else "no places"


def _is_own(key: str) -> bool:
    """Return whether a key may be a company's own: a type of event, or a group of pages."""
    return key.startswith("pages.") or any(_is_of_event(key, last) for last in _OF_EVENT)


def _is_of_event(key: str, last: str) -> bool:
    return key.startswith("events.") and key.endswith((f".{last}", f".us_{last}")) and key.count(".") >= 2


def _without_past(entries: Entries, base: Entries, said_of: str) -> Iterator[Fault]:
    """Yield types of events of the company's own that state other words, but not what was done."""
    told = {key.rpartition(".")[0] for key in entries.names() if key.startswith("events.")}
    for event in sorted(told):
        past = f"{event}.past"
        if past not in entries.templates and past not in base.templates:
            yield Fault(
                f"{said_of}, {past}", "what was done, such as 'scanned a badge'", "nothing", "Add it."
            )


def _over(base: Catalogue, entries: Entries) -> Catalogue:
    """Return a catalogue with texts of a company laid over it.

    Who states anew what was done means all forms of it: those not stated follow from it.
    """
    templates, forms = {**base.templates}, {**base.forms}
    for key in entries.templates:
        event, _, last = key.rpartition(".")
        if event.startswith("events.") and last in {"past", "us_past"}:
            us = "us_" if last == "us_past" else ""
            templates.pop(f"{event}.{us}participle", None)
            forms.pop(f"{event}.{us}many", None)
    return replace(
        base,
        templates={**templates, **entries.templates},
        forms={**forms, **entries.forms},
        lists={**base.lists, **entries.lists},
        marks={**base.marks, **entries.marks},
    )


def _columns(content: Any, said_of: str, plurals: Plurals) -> tuple[dict[str, OwnColumn], list[Fault]]:
    columns: dict[str, OwnColumn] = {}
    faults: list[Fault] = []
    if not isinstance(content, dict):
        return {}, [Fault(f"{said_of}, columns", "a table of columns", repr(content)[:80])]
    for name, held in content.items():
        where = f"{said_of}, columns.{name}"
        if not isinstance(held, dict):
            faults.append(Fault(where, "a table of name, unit and values", repr(held)[:80]))
            continue
        unknown = sorted(held.keys() - {"name", "unit", "values"})
        faults += [Fault(where, "name, unit and values", f"'{key}'", _REMEDY) for key in unknown]
        try:
            columns[name] = _column(held, plurals)
        except (TypeError, ValueError) as problem:
            faults.append(Fault(where, str(problem), repr(held)[:80]))
    return columns, faults


def _column(held: Mapping[str, Any], plurals: Plurals) -> OwnColumn:
    values = held.get("values", {})
    if not isinstance(values, dict):
        raise TypeError("a table of values and their names")
    return OwnColumn(
        name=_plain_text(held["name"], LONGEST_NAME) if "name" in held else None,
        unit=_unit(held["unit"], plurals) if "unit" in held else None,
        values={value.casefold(): _plain_text(name, LONGEST_VALUE) for value, name in values.items()},
    )


def _unit(held: Any, plurals: Plurals) -> dict[str, Template]:
    forms = {"other": template(held)} if isinstance(held, str) else forms_of(held, plurals)
    if any(form.places for form in forms.values()):
        raise ValueError("a unit without places")
    return forms


def _plain_text(text: Any, longest: int) -> str:
    """Return a name that has no places. Raises ValueError that says what was expected."""
    found = template(text)
    if found.places or len(found.text) > longest or found.text[0] in "=+-@":
        raise ValueError(f"a name of at most {longest} characters without places, that no sign begins")
    return found.text
