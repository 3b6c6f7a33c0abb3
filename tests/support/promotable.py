"""A home with versions that the gates let through, made without a training, and the company's files."""

from __future__ import annotations

import csv
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd
from made_about import made_about
from small_company import dated_company, day, generated_tables

from leadlens.quiet import keep_libraries_quiet
from models.registry import CHAMPION, REPLACED, Registered, Registry, home_registry
from training.evidence.twin import Twin
from training.measures import Figure
from training.promotion.comparison import Comparison
from training.reports.runs import record_version

if TYPE_CHECKING:
    from pathlib import Path

    from training.about import About

MAPPING = """
[leads]
path = "leads.csv"
id = "lead_id"
created_at = "created_at"
missing = ["Select"]
multi = { interests = ";" }
[events]
path = "events.csv"
lead_id = "lead_id"
occurred_at = "occurred_at"
type = "type"
properties = ["page"]
touches = ["sales_call"]
[outcomes]
path = "outcomes.csv"
lead_id = "lead_id"
occurred_at = "occurred_at"
outcome = "outcome"
[training]
horizon = "30 days"
extract_at = 2025-02-04T00:00:00
"""


def promotable_about(**changed: Any) -> About:
    """Return what a version holds that every gate lets through."""
    about = made_about()
    rivals = tuple(replace(rival, lead=Figure(0.02, 0.01, 0.03)) for rival in about.evidence.rivals)
    evidence = replace(about.evidence, rivals=rivals)
    return replace(about, evidence=evidence, **{"kept": (), "comparison": None, "made_from": None, **changed})


@dataclass(frozen=True)
class SomeVersions:
    """A home whose registry holds two versions of the dated company's model, and the company's `config`.

    All have the same scorer, so they are as good. Version 1 is said to have learned until day 140, the others
    until day 150. A leak was kept in version 3, and training is said to have found it worse than version 1.
    """

    home: Path
    config: Path
    registry: Registry
    versions: tuple[Registered, Registered, Registered]

    def reset(self) -> None:
        """Take the champion away, as if no version had ever been promoted."""
        if self.registry.aliased(CHAMPION) is not None:
            self.registry._client().delete_registered_model_alias("leadlens", CHAMPION)  # noqa: SLF001  # no command does it
        for version in self.versions:
            self.registry.tag(version, {REPLACED: ""})
        shutil.rmtree(self.home / "champion", ignore_errors=True)


def some_versions(folder: Path) -> SomeVersions:
    """Make such a home, and the company's files beside it."""
    keep_libraries_quiet()
    registry = home_registry(folder / "home", {})
    worse = Figure(0.02, 0.01, 0.03)
    versions = (
        _recorded(registry, 140),
        _recorded(registry, 150),
        _recorded(registry, 150, kept=("Lead Quality",), comparison=beside(1, worse).to_dict()),
    )
    return SomeVersions(folder / "home", company_files(folder), registry, versions)


def beside(champion: int, difference: Figure) -> Comparison:
    """Return a made-up comparison with a champion."""
    return Comparison(
        champion=champion, how="twins", said="as training found", rows=900, leads=400, conversions=50,
        champion_log_loss=0.3, challenger_log_loss=0.3 + difference.value, difference=difference,
        bands=((90,) * 10, (90,) * 10), stability=Figure(0.0, 0.0, 0.01), moved=0.1,
    )  # fmt: skip


def _recorded(registry: Registry, until: int, **kept: Any) -> Registered:
    scorer, about = dated_company().scorer, promotable_about(**kept)
    extract_at = pd.Timestamp(day(until), unit="us", tz="UTC").isoformat()
    about = replace(about, data=replace(about.data, extract_at=extract_at, horizon="30 days"))
    return record_version(scorer, about, registry, twins=[Twin(scorer=scorer, learned_until=day(until))])


def company_files(folder: Path, leads: int = 400) -> Path:
    """Write the dated company as CSV files with their mapping, and return the mapping's path."""
    rows, acts, ends = generated_tables(leads)
    for name, table in (("leads", rows), ("events", acts), ("outcomes", ends)):
        columns = list(dict.fromkeys(key for row in table for key in row if key != "is_touch"))
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, extrasaction="ignore")
            writer.writeheader()
            writer.writerows([{key: _written(key, value) for key, value in row.items()} for row in table])
    (folder / "leadlens.toml").write_text(MAPPING, encoding="utf-8")
    return folder / "leadlens.toml"


def _written(key: str, value: Any) -> Any:
    return pd.Timestamp(value, unit="us").isoformat() if key.endswith("_at") else value
