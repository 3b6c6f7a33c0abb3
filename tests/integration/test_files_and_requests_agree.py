"""A file scored by the command line, and the same leads asked of a real server: equal to the last bit."""

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from command_line import done
from ports import free_port
from served import SUPPORT, served

from features.history import History
from features.mapping import Mapping, read_mapping
from features.reading import read_tables
from features.reading.files import read_file
from leadlens.score_columns import signed
from models.artifact import save_scorer
from models.boosting import Boosting
from models.champion import champion_folder, load_champion, point_to
from training.examples import cut_examples
from training.fitting.fit import fit_scorer
from training.fitting.recipe import Recipe
from training.synthetic import History as Synthetic
from training.synthetic import generate

pytestmark = pytest.mark.slow

BATCH = 500
SHARED = (
    "score", "probability", "probability_low", "probability_high", "fit_score", "engagement_score", "grade",
    "rung", "as_of",
)  # fmt: skip
WHOLE = {"score", "fit_score", "engagement_score"}
REAL = {"probability", "probability_low", "probability_high"}


def quick_champion(home: Path, mapping: Mapping, folder: Path) -> History:
    """Fit few trees and make them the champion of a home: how good they are is not asked here."""
    examples = cut_examples(read_tables(mapping, folder), mapping)
    recipe = Recipe(boosting=Boosting(num_trees=40))
    scorer = fit_scorer(examples.history, examples.learned, examples.census, recipe)
    save_scorer(scorer, champion_folder(home, 1))
    point_to(home, name=scorer.name, version=1)
    return examples.history


def bodies(mapping: Mapping, leads: Path, events: Path | None, as_of: str) -> list[dict[str, Any]]:
    """The rows of the files as requests: each cell as it was written, under the name that it has there."""
    raw = read_file(leads, encoding=mapping.leads.encoding, delimiter=mapping.leads.delimiter).cells
    acts: dict[str, list[dict[str, Any]]] = {}
    if events is not None and mapping.events is not None:
        section = mapping.events
        rows = read_file(events, encoding=section.encoding, delimiter=section.delimiter).cells
        for row in rows.to_dict("records"):
            lead = str(row.pop(section.lead_id))
            act = row
            if not isinstance(section.type, str):
                act = {section.occurred_at: row[section.occurred_at], "type": section.type.constant}
            acts.setdefault(lead, []).append(sendable(act, set(section.properties)))
    asked = []
    for row in raw.to_dict("records"):
        lead = {str(name): plain(value) for name, value in row.items()}
        asked.append({"lead": lead, "events": acts.get(str(lead[mapping.leads.id]), []), "as_of": as_of})
    return asked


def sendable(row: dict[str, Any], properties: set[str]) -> dict[str, Any]:
    event = {name: plain(value) for name, value in row.items() if plain(value) is not None}
    own = {name: event.pop(name) for name in properties if name in event}
    return event | ({"properties": own} if own else {})


def plain(cell: Any) -> Any:
    if cell is None or (not isinstance(cell, str) and pd.isna(cell)):
        return None
    return cell.item() if isinstance(cell, np.generic) else cell


def agree(home: Path, asked: list[dict[str, Any]], out: Path) -> int:
    """Ask a server for every row, and compare with the file of scores; return how many rows were compared."""
    port = free_port()
    command = [sys.executable, str(SUPPORT / "real_server.py"), str(home), str(port)]
    with served(command, home.parent, port) as server, out.open(encoding="utf-8", newline="") as file:
        key = (home / "admin-key").read_text().strip()
        answers: list[dict[str, Any]] = []
        for start in range(0, len(asked), BATCH):
            answer = server.post("/score_batch", {"leads": asked[start : start + BATCH]}, key)
            assert answer.status == 200, answer.body[:500]
            answers += json.loads(answer.body)["scores"]
        compared = 0
        for row, answer in zip(csv.DictReader(file), answers, strict=True):
            assert "detail" not in answer, answer
            assert answer["lead_id"] == row["lead_id"]
            for name in SHARED:
                written = row[name]
                cell = (
                    float(written)
                    if name in REAL
                    else int(written)
                    if name in WHOLE and written
                    else written or None
                )
                assert cell == answer[name], (row["lead_id"], name)
            told = [f"{reason['text']} ({signed(reason['effect'])})" for reason in answer["reasons"][:-1]]
            assert [row[f"reason_{n}"] for n in range(1, 6) if row[f"reason_{n}"]] == told
            assert int(row["model_version"]) == answer["model"]["version"]
            compared += 1
        return compared


def sample(path: Path, out: Path, rows: int, encoding: str = "utf-8") -> Path:
    """Write the header and evenly spread rows of a file, in its order."""
    with path.open(encoding=encoding, newline="") as file:
        header, *lines = list(csv.reader(file))
    chosen = [lines[at] for at in np.linspace(0, len(lines) - 1, min(rows, len(lines))).astype(int)]
    with out.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([header, *chosen])
    return out


def test_generated_leads_agree(tmp_path: Path, proof_size: Callable[[int, int], int]) -> None:
    made = generate(Synthetic(leads=proof_size(1_000, 20_000), seed=11), tmp_path / "data", format="csv")
    mapping = read_mapping(made.mapping)
    home = tmp_path / "home"
    quick_champion(home, mapping, made.mapping.parent)
    leads = sample(made.leads.path, tmp_path / "leads.csv", proof_size(400, 20_000))
    for as_of in ("2026-03-01T12:34:56.789012Z", "2026-12-01"):
        known = tmp_path / "known.csv"
        frame = pd.read_csv(leads, dtype=str, keep_default_na=False)
        frame[frame["created_at"] <= as_of].to_csv(known, index=False)
        out = tmp_path / "scores.csv"
        done(
            "score",
            "--leads",
            known,
            "--events",
            made.events.path,
            "--as-of",
            as_of,
            "--out",
            out,
            "--home",
            home,
        )
        assert agree(home, bodies(mapping, known, made.events.path, as_of), out) > 200


REAL_FILES = {
    "xeducation": ("xeducation/leads.csv", None, "2026-01-01T00:00:00Z"),
    "olist": ("olist/mqls.csv", None, "2018-11-14T00:00:00Z"),
    "relax": ("relax/users.csv", "relax/visits.csv", "2014-06-06T23:59:59.999999Z"),
}


@pytest.mark.realdata
@pytest.mark.parametrize("name", REAL_FILES)
def test_real_leads_agree(
    name: str, root: Path, data_folder: Path, tmp_path: Path, proof_size: Callable[[int, int], int]
) -> None:
    mapping = read_mapping(root / "examples" / name / "leadlens.toml")
    home = tmp_path / "home"
    quick_champion(home, mapping, data_folder)
    assert load_champion(home) is not None
    leads, events, as_of = REAL_FILES[name]
    rows = proof_size(400, 20_000)
    known = sample(data_folder / leads, tmp_path / "leads.csv", rows, mapping.leads.encoding or "utf-8")
    acts = None if events is None else data_folder / events
    more = [] if acts is None else ["--events", acts]
    out = tmp_path / "scores.csv"
    done("score", "--leads", known, *more, "--as-of", as_of, "--out", out, "--home", home)
    assert agree(home, bodies(mapping, known, acts, as_of), out) >= min(rows, 400)
