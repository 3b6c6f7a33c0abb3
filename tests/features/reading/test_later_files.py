"""A file to score need not be written as the training file was."""

from pathlib import Path

import pytest

from features.mapping import mapping_from
from features.reading import read_leads, read_tables

ROWS = "Lead ID;Região;Converted\n007;São Paulo;yes\n8;Köln;no\n"


@pytest.mark.parametrize(
    ("encoding", "separator"), [("cp1252", ";"), ("utf-8", ","), ("utf-8-sig", "\t"), ("utf-16", ";")]
)
def test_its_own_encoding_and_delimiter_are_found(tmp_path: Path, encoding: str, separator: str) -> None:
    path = tmp_path / "later.csv"
    path.write_bytes(ROWS.replace(";", separator).encode(encoding))
    mapping = mapping_from(
        {
            "leads": {"path": "then.csv", "id": "Lead ID", "encoding": "cp1252", "delimiter": ";"},
            "outcomes": {"label": "Converted"},
        }
    )
    frame = read_leads(path, mapping).frame
    assert frame["Região"].tolist() == ["São Paulo", "Köln"]
    assert frame["lead_id"].tolist() == ["007", "8"]


def test_outcomes_in_the_file_of_leads_are_no_columns_of_the_leads(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text(
        "id,created,Status,Closed,Town\na,2024-01-01,Won,2024-01-05,Ulm\nb,2024-01-02,Open,,Rom\n"
    )
    mapping = mapping_from(
        {
            "leads": {"path": "leads.csv", "id": "id", "created_at": "created"},
            "outcomes": {
                "path": "leads.csv",
                "lead_id": "id",
                "occurred_at": "Closed",
                "outcome": "Status",
                "outcomes": {"Won": "won", "Open": "open"},
            },
            "training": {"horizon": "30 days"},
        }
    )
    assert list(read_tables(mapping, tmp_path).leads.columns) == ["lead_id", "created_at", "Town"]
