"""Who is who among all leads of a preparation, in memory that grows with the duplicates, not with the file.

Two leads of one person share a hint: an address, or a name and the end of a phone number. The hints of all
leads go to disk as hashes; only the leads that share one are then held at once and compared in full.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from features.duplicates.contacts import (
    AddressCount,
    address_count,
    contact_columns_of,
    may_hold_addresses,
    own_columns,
    rules_of,
)
from features.duplicates.identity import hints, identify
from features.prepared import layout
from features.prepared.gathering import LABEL_CELL, Gathered
from features.reading.raw_columns import ReadTable
from features.reading.rejects import Rejects
from features.reading.settling import settle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from features.duplicates.contacts import ContactColumns
    from features.duplicates.identity import Placeholder
    from features.mapping import Mapping
    from features.prepared.finishing import LabelBook
    from features.prepared.sorting import Sorter


@dataclass(frozen=True, slots=True)
class People:
    """Who is who. `aliases`: each duplicate's `lead_id` and the `survivor` that it is merged into.

    `placeholders` and `apart` as in `Identity`.
    """

    aliases: pd.DataFrame
    placeholders: tuple[Placeholder, ...]
    apart: int

    def write(self, folder: Path) -> layout.PreparedIdentity:
        """Write what the layout has of it, and return what the manifest says."""
        aliases, placeholders = folder / layout.ALIASES, folder / layout.PLACEHOLDERS
        columns = {name: pa.array(self.aliases[name], pa.string()) for name in ("lead_id", "survivor")}
        pq.write_table(pa.table(columns), aliases)
        held = [
            (number, value.kind, lead_id)
            for number, value in enumerate(self.placeholders)
            for lead_id in value.lead_ids
        ]
        schema = {"number": pa.int64(), "kind": pa.string(), "lead_id": pa.string()}
        cells = zip(*held, strict=True) if held else ([], [], [])
        arrays = [pa.array(column, kind) for column, kind in zip(cells, schema.values(), strict=True)]
        pq.write_table(pa.table(arrays, names=list(schema)), placeholders)
        return layout.PreparedIdentity(
            aliases=len(self.aliases),
            apart=self.apart,
            aliases_bytes=aliases.stat().st_size,
            placeholders_bytes=placeholders.stat().st_size,
        )


def people_among(
    leads: Gathered, mapping: Mapping, labels: LabelBook | None, sorter: Sorter, folder: Path
) -> People:
    """Say who is who among the leads that count, as `identify` does of the table that holds them all.

    `folder` takes the hints while they are compared, and is not there before.
    """
    counting = _Counting(leads, mapping, labels, sorter)
    columns = counting.contact_columns()
    needed = [*columns.emails, *columns.phones, *columns.people, *columns.countries]
    nobody = People(pd.DataFrame({"lead_id": [], "survivor": []}, dtype="str"), (), 0)
    if not columns.emails and not columns.phones:
        return nobody
    folder.mkdir()
    for number, part in enumerate(counting.parts(needed)):
        _write_hints(part, columns, mapping, folder / f"{number:06}.parquet")
    few = counting.kept(sorter.sharing(folder, leads).to_pandas(), needed).frame
    if few.empty:
        return nobody
    who = identify(few, mapping, columns)
    ids = few["lead_id"].to_numpy(object)
    aliases = pd.DataFrame(
        {"lead_id": ids[who.repeats], "survivor": ids[who.survivor[who.repeats]]}, dtype="str"
    )
    return People(aliases.sort_values("lead_id", ignore_index=True), who.placeholders, who.apart)


class _Counting:
    """The gathered leads without those that settling will leave out."""

    def __init__(self, leads: Gathered, mapping: Mapping, labels: LabelBook | None, sorter: Sorter) -> None:
        self._leads, self._mapping, self._labels = leads, mapping, labels
        self._later = sorter.later_rows(leads)
        self._own = own_columns((name for name in leads.stored if name != LABEL_CELL), mapping)

    def contact_columns(self) -> ContactColumns:
        """Return where contact data are, decided on all leads."""
        rules = rules_of(self._mapping)
        likely = dict.fromkeys(
            name
            for part in self.parts(self._own)
            for name in self._own
            if may_hold_addresses(part.frame[name])
        )
        counts: dict[str, AddressCount] = dict.fromkeys(likely, AddressCount())
        for part in self.parts(list(likely)) if likely else ():
            for name in likely:
                counts[name] += address_count(part.frame[name], rules)
        return contact_columns_of(self._own, counts)

    def parts(self, names: Sequence[str]) -> Iterator[ReadTable]:
        """Read the leads that count, part by part, with some of the company's columns."""
        stored = {"row", *(self._leads.stored[name] for name in self._columns(names))}
        for path in self._leads.part_names():
            with pq.ParquetFile(path) as file:
                there = [name for name in file.schema_arrow.names if name in stored]
                yield self.kept(file.read(there).to_pandas(), names)

    def kept(self, read: pd.DataFrame, names: Sequence[str]) -> ReadTable:
        """Return those rows of leads, as they are on disk, that count."""
        first = read[~read["row"].isin(self._later)].reset_index(drop=True)
        frame = self._leads.frame_of(first, self._columns(names))
        rows = frame.pop(layout.ROW).to_numpy(np.int64)
        labels = self._labels
        if labels is None:
            return settle(self._table(frame, rows), {}, self._mapping, lambda _: None).leads
        cells = frame.pop(LABEL_CELL).set_axis(pd.Index(rows))
        table = self._table(frame, rows)
        return settle(table, {}, self._mapping, lambda of: labels.of(cells.loc[list(of)])).leads

    def _table(self, frame: pd.DataFrame, rows: np.ndarray) -> ReadTable:
        return ReadTable(frame, rows, Rejects(self._leads.said_of), ())

    def _columns(self, names: Sequence[str]) -> list[str]:
        own = ("lead_id", "created_at", *([LABEL_CELL] if self._labels else ()))
        return list(dict.fromkeys((*own, *names)))


def _write_hints(part: ReadTable, columns: ContactColumns, mapping: Mapping, path: Path) -> None:
    rows, hashes = [np.zeros(0, np.int64)], [np.zeros(0, np.uint64)]
    for hint in hints(part.frame, columns, rules_of(mapping)):
        held = hint.notna().to_numpy()
        rows.append(part.rows[held])
        hashes.append(pd.util.hash_array(hint[held].to_numpy(object), categorize=False))
    pairs = pd.DataFrame({"row": np.concatenate(rows), "hint": np.concatenate(hashes)}).drop_duplicates()
    pq.write_table(pa.table({"row": pairs["row"].to_numpy(), "hint": pairs["hint"].to_numpy()}), path)
