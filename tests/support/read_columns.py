"""Reads the reasons that speak of a lead's columns: does its row hold what they say?"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import pandas as pd

from features.columns.derived import source_role
from features.columns.sources import source_of_texts

if TYPE_CHECKING:
    from raw_record import Record

    from features.columns import Column

_BESIDE = re.compile(r" \((?:usually|typically|median) (?P<usual>[^()]*)\)$|, usually [\d.]+.%$")
_COUNTED = re.compile(r" \(counted as (?P<source>[a-z]+)\)$")
_COUNTED_AS = {"search": "organic", "advertising": "paid"} | {
    name: name for name in ("inbound", "event", "outbound", "referral")
}
_YES, _NO = {"yes", "y", "true", "t", "1", "on"}, {"no", "n", "false", "f", "0", "off"}
_FLAT = re.compile(r"[^\w]+")


def column_faults(text: str, column: Column, record: Record) -> list[str]:
    """Return what the record says against a sentence about a column of the leads."""
    told = _BESIDE.sub("", text)
    if (counted := _COUNTED.search(told)) is not None:
        told = told[: counted.start()]
        source = source_of_texts(
            [(role, record.text(column.name)) for role in [source_role(column.name)] if role]
        )
        if _COUNTED_AS.get(counted["source"]) != source:
            return [f"it is no {counted['source']}"]
    if column.kind == "completeness":
        return _completeness_faults(told, column, record)
    if column.kind == "source":
        return [] if any(record.text(name) for _, name in column.reads) else ["no column tells how it came"]
    cell = record.text(column.name)
    if cell is None:
        return ["the row holds nothing there"]
    if column.kind == "email":
        return [] if "@" in cell and told.startswith("E-mail address at ") else ["no address"]
    value = _value_after(column.name, told)
    if value is None:
        return [f"is not about the column {column.name}"]
    return _VALUE_FAULTS.get(column.kind, _category_faults)(value, cell, column)


def _value_after(name: str, told: str) -> str | None:
    """Return what stands after a column's name, however the name is written; None where it is not there."""
    for mark in re.finditer(r": |\? ", told):
        said, own = _flat(told[: mark.start()]), _flat(name)
        if said == own or (said and own.startswith(said) and told[mark.start() - 1] == "\u2026"):
            return told[mark.end() :]
    return None


def _flat(text: str) -> str:
    return _FLAT.sub("", text.replace("_", "")).casefold()


def _number_faults(value: str, cell: str, column: Column) -> list[str]:
    told, held = _number_in(value), _number_in(cell)
    return [] if math.isclose(told, held, rel_tol=1e-9) else [f"the row holds {cell}"]


def _number_in(text: str) -> float:
    found = re.search(r"-?[\d,]*\.?\d+(e[+-]?\d+)?", text)
    return float(found[0].replace(",", "")) if found else math.nan


def _boolean_faults(value: str, cell: str, column: Column) -> list[str]:
    return [] if cell.casefold() in (_YES if value == "yes" else _NO) else [f"the row holds {cell}"]


def _multi_faults(value: str, cell: str, column: Column) -> list[str]:
    held = {part.strip().casefold() for part in cell.split(column.separator)}
    common = {word for word in held if word in {known.casefold() for known in column.vocabulary}}
    if value == "none of the common ones":
        return ["some are common"] if common else []
    cut = re.fullmatch(r"(.*) and (\d+) more", value)
    told = (cut[1] if cut else value).casefold()
    listed = [word for word in common if word in told]
    left = len(common) - len(listed)
    return [] if left == (int(cut[2]) if cut else 0) and listed else [f"the row holds {cell}"]


def _country_faults(value: str, cell: str, column: Column) -> list[str]:
    named = re.fullmatch(r"(.+) \((.+)\)", value)
    if named is not None:
        return _category_faults(named[1], cell, column)
    return [] if "in " in value else _category_faults(value, cell, column)


def _title_faults(value: str, cell: str, column: Column) -> list[str]:
    return [] if value else [f"says nothing of '{cell}'"]


def _category_faults(value: str, cell: str, column: Column) -> list[str]:
    if "rare" in value or "few leads" in value:
        known = {word.casefold() for word in column.vocabulary}
        return [f"'{cell}' is not rare"] if cell.casefold() in known else []
    told, held = _flat(value.removesuffix("…")), _flat(cell)
    return (
        [] if told == held or (value.endswith("…") and held.startswith(told)) else [f"the row holds {cell}"]
    )


_VALUE_FAULTS = {
    "number": _number_faults,
    "boolean": _boolean_faults,
    "multi": _multi_faults,
    "country": _country_faults,
    "title": _title_faults,
}


def _completeness_faults(told: str, column: Column, record: Record) -> list[str]:
    held = [record.text(name) is not None for _, name in column.reads]
    share = 100 * sum(held) / len(held)
    return (
        [] if abs(_number_in(told) - share) <= 0.51 else [f"of {len(held)} columns {share:.1f} % are there"]
    )


def age_faults(text: str, record: Record) -> list[str]:
    """Return what the record says against a sentence about the age of the lead."""
    days = (record.as_of - record.created_at) // pd.Timedelta(days=1)
    told = 0 if "less than a day" in text else int(_number_in(text))
    return [] if told == max(0, days) else [f"it is {days} days old"]
