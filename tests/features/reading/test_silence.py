"""A long silence in a history is named, with what to do about it."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from features.mapping import Mapping, mapping_from
from features.reading import read_tables
from features.reading.silence import days_of

FROM, AGAIN = "2024-01-01", "2024-08-01"


def mapped(**training: Any) -> Mapping:
    return mapping_from(
        {
            "leads": {"path": "leads.csv", "id": "id", "created_at": "created"},
            "events": {"path": "events.csv", "lead_id": "id", "occurred_at": "at", "type": "kind"},
            "outcomes": {"path": "ends.csv", "lead_id": "id", "occurred_at": "at", "outcome": "end"},
            "training": {"horizon": "90 days", **training},
        }
    )


def write(folder: Path, *, leads: int = 300, last: str = AGAIN) -> Path:
    """A hundred days of leads, an event on the last day of them, and one more after a silence."""
    created = pd.date_range(FROM, periods=99).strftime("%Y-%m-%d").tolist()
    ids = [f"L-{at}" for at in range(leads)]
    frame = pd.DataFrame({"id": ids, "created": [created[at % 99] for at in range(leads)]})
    frame.to_csv(folder / "leads.csv", index=False)
    (folder / "events.csv").write_text(f"id,at,kind\nL-1,2024-04-09 10:00,visit\nL-2,{last} 10:00,visit\n")
    (folder / "ends.csv").write_text("id,at,end\nL-1,2024-03-01,won\n")
    return folder


def said(folder: Path, mapping: Mapping) -> list[str]:
    return [note for note in read_tables(mapping, folder).notes if "nothing at all happened" in note]


def test_a_silence_longer_than_the_horizon_is_named(tmp_path: Path) -> None:
    [note] = said(write(tmp_path), mapped())
    assert note == (
        "nothing at all happened from 2024-04-10 to 2024-07-31: 113 days, longer than the horizon. If the "
        "record has a gap there, learning takes it for a time in which nobody converted, and the evidence "
        "flatters: set training.extract_at to before 2024-04-10, or training.from to after 2024-07-31"
    )


def test_a_silence_as_long_as_the_horizon_is_none(tmp_path: Path) -> None:
    assert said(write(tmp_path, last="2024-07-09"), mapped()) == []
    assert "91 days" in said(write(tmp_path, last="2024-07-10"), mapped())[0]


def test_a_silence_at_the_end_ends_with_the_newest_time_of_any_table(tmp_path: Path) -> None:
    write(tmp_path, last="2024-04-09")
    (tmp_path / "events.csv").write_text("id,at,kind,known\nL-1,2024-04-09 10:00,visit,2024-09-01\n")
    mapping = mapped()
    assert mapping.events is not None
    known = mapping.model_copy(update={"events": mapping.events.model_copy(update={"known_at": "known"})})
    assert "to 2024-08-31" in said(tmp_path, known)[0]


@pytest.mark.parametrize(
    "training", [{"extract_at": "2024-08-02"}, {"from": "2024-08-01"}, {"horizon": "200 days"}]
)
def test_what_the_mapping_says_ends_the_note(tmp_path: Path, training: dict[str, str]) -> None:
    assert said(write(tmp_path), mapped(**training)) == []


def test_of_few_leads_nothing_is_said(tmp_path: Path) -> None:
    assert said(write(tmp_path, leads=299), mapped()) == []


def test_days_before_1970_are_days_too() -> None:
    times = pd.Series(pd.to_datetime(["1969-12-31 23:59", "1970-01-01", None], utc=True, format="mixed"))
    assert days_of(times).tolist() == [-1, 0]
