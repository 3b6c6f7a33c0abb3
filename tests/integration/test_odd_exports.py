"""Exports as they really come, each through init → train → promote → score as the command line runs them."""

import csv
import io
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from command_line import done

from features.mapping import Mapping, read_mapping

pytestmark = pytest.mark.slow

LEADS = 500
FIRST_DAY = datetime(2025, 1, 1)  # noqa: DTZ001 - written as a spreadsheet would, without a zone


@dataclass(frozen=True)
class Export:
    """How one tool writes a table, and what init must find out about it."""

    columns: dict[str, str]  # the name in the file of: id, created, rooms, price, source, note, extra, label
    won: str
    lost: str
    delimiter: str = ","
    encoding: str = "utf-8"
    line_end: str = "\n"
    before: str = ""
    date: str | None = "%Y-%m-%d %H:%M:%S"
    decimal: str = "."
    quoting: int = csv.QUOTE_MINIMAL
    guessed: dict[str, Any] = field(default_factory=dict)  # of [leads]


GERMAN = {
    "id": "Kundennummer", "created": "Anlagedatum", "rooms": "Räume", "price": "Preis", "source": "Quelle",
    "note": "Bemerkung", "extra": "Straße", "label": "Abschluss",
}  # fmt: skip
ENGLISH = {
    "id": "Lead ID", "created": "Created", "rooms": "Rooms", "price": "Price", "source": "Source",
    "note": "Note", "extra": "City", "label": "Outcome",
}  # fmt: skip

EXPORTS = {
    "a German spreadsheet": Export(
        GERMAN, "Ja", "Nein", delimiter=";", encoding="cp1252", line_end="\r\n", date="%d.%m.%Y %H:%M",
        decimal=",", guessed={"delimiter": ";", "decimal": ",", "time_format": "%d.%m.%Y %H:%M"},
    ),
    "UTF-16 with tabs": Export(
        GERMAN | {"label": "Status"}, "Won", "Lost", delimiter="\t", encoding="utf-16",
        guessed={"delimiter": "\t", "encoding": "utf-16", "time_format": None},
    ),
    "a byte-order mark, quotes and day-first dates": Export(
        ENGLISH | {"label": "Converted"}, "yes", "no", encoding="utf-8-sig", line_end="\r\n", date="%d/%m/%Y",
        quoting=csv.QUOTE_ALL, guessed={"delimiter": None, "encoding": None, "time_format": "%d/%m/%Y"},
    ),
    "numbers and 'sep='": Export(
        ENGLISH | {"label": "Converted"}, "1", "0", delimiter=";", before="sep=;\n", date="%m/%d/%Y %H:%M",
        guessed={"delimiter": ";", "time_format": "%m/%d/%Y %H:%M"},
    ),
    "no dates and bars": Export(
        ENGLISH | {"label": "Is Customer"}, "True", "False", delimiter="|", date=None,
        guessed={"delimiter": "|", "created_at": None},
    ),
}  # fmt: skip


def rows(export: Export) -> list[dict[str, str]]:
    """Leads whose rooms and source decide, beside columns that hold nothing or too much."""
    draw = random.Random(5)  # noqa: S311 - made-up data
    made = []
    for number in range(LEADS):
        rooms, price = draw.randint(1, 9), draw.uniform(10, 2_000)
        source = draw.choice(["Messe", "Suche", "Größe XL", "Empfehlung"])
        chance = 0.08 * rooms + (0.2 if source == "Messe" else 0.0)
        created = FIRST_DAY + timedelta(hours=14 * number, minutes=7 * number % 60)
        row = {
            "id": f"{number * 37 % 1000:07}",
            "rooms": draw.choice([str(rooms), f"{rooms}", f" {rooms} "])
            if number % 9
            else draw.choice(["", "n/a"]),
            "price": f"{price:.2f}".replace(".", export.decimal),
            "source": source,
            "note": draw.choice(["", f'said "{number}",\nthen left; or | not', "12", "3.5.2025", "-"]),
            "extra": f"street {number}",  # another one for each lead
            "label": export.won if draw.random() < chance else export.lost,
        }
        if export.date:
            row["created"] = created.strftime(export.date)
        named = {export.columns[name]: value for name, value in row.items()}
        made.append(
            named | {"Land": "Österreich", "Fax": "", "Mixed": draw.choice(["7", "about 7", "7,0", "yes"])}
        )
    return made


def written(export: Export, path: Path) -> list[dict[str, str]]:
    made = rows(export)
    text = io.StringIO()
    writer = csv.DictWriter(
        text,
        list(made[0]),
        delimiter=export.delimiter,
        lineterminator=export.line_end,
        quoting=export.quoting,
    )
    writer.writeheader()
    writer.writerows(made)
    path.write_bytes((export.before + text.getvalue()).encode(export.encoding))
    return made


def check_guesses(export: Export, mapping: Mapping) -> None:
    assert mapping.outcomes is not None
    assert (mapping.leads.id, mapping.outcomes.label) == (export.columns["id"], export.columns["label"])
    assert str(mapping.outcomes.positive) == export.won
    for name, value in export.guessed.items():
        assert getattr(mapping.leads, name) == value, name
    if export.date:
        assert mapping.leads.created_at == export.columns["created"]
    if export.encoding == "cp1252":
        assert "ß".encode(mapping.leads.encoding or "") == b"\xdf"


@pytest.mark.parametrize("name", EXPORTS)
def test_an_odd_export_goes_the_whole_way(name: str, tmp_path: Path) -> None:
    export = EXPORTS[name]
    made = written(export, tmp_path / "export.csv")
    done("init", "export.csv", folder=tmp_path)
    mapping = read_mapping(tmp_path / "leadlens.toml")
    check_guesses(export, mapping)
    trained = done("train", folder=tmp_path)
    assert "The data show no signal" not in trained.out
    for unused in ("Land", "Fax", export.columns["extra"]):
        assert unused in mapping.leads.exclude or f"not used: {unused}: " in trained.out, unused
    done("promote", "--force", "--why", "it is small", folder=tmp_path)
    scored = done(
        "score", "--leads", "export.csv", "--as-of", "2026-07-01", "--out", "s.csv", folder=tmp_path
    )
    assert "was not sent" not in scored.out
    assert "not known to the model" not in scored.out
    scores = pd.read_csv(tmp_path / "s.csv", dtype={"lead_id": str})
    assert scores["lead_id"].tolist() == [row[export.columns["id"]] for row in made]
    assert scores["lead_id"].str.startswith("0").all()
    won = pd.Series([row[export.columns["label"]] == export.won for row in made])
    assert scores["probability"][won].mean() > scores["probability"][~won].mean() + 0.1
    assert scores["probability"].mean() == pytest.approx(won.mean(), abs=0.08)
