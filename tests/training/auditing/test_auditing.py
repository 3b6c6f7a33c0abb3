"""The audit with a model: what columns weigh, what is left out, and what dated data add."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from leak_zoo import labels_of_zoo, number_with, pick
from small_company import a_mapping, dated_company, day, flat_company, generated_tables, tables

from features.errors import InputError
from features.mapping import Mapping, mapping_from, read_mapping
from features.reading import read_tables
from features.reading.files import read_file
from training.auditing import audited
from training.auditing.audit import Audit, audit_file, audit_history, without_leaks
from training.examples import cut_examples
from training.synthetic import History as Recipe
from training.synthetic import generate

FLAT = {"leads": {"path": "leads.csv", "id": "id"}, "outcomes": {"label": "y", "positive": 1}}


def of_file(tmp_path: Path, cells: dict[str, Any], labels: Any, fresh: Any = None, **outcomes: Any) -> Audit:
    """Audit a file with these columns, an id and a label."""
    path = tmp_path / "leads.csv"
    pd.DataFrame({"id": [f"L-{n}" for n in range(len(labels))], **cells, "y": labels}).to_csv(
        path, index=False
    )
    mapping = mapping_from({**FLAT, "outcomes": outcomes or FLAT["outcomes"]})
    return audit_file(read_file(path), mapping, fresh=fresh)


def verdicts(audit: Audit) -> dict[str, str]:
    return {column.name: column.verdict for column in audit.columns}


@pytest.fixture
def drawn() -> tuple[dict[str, Any], Any]:
    rng = np.random.default_rng(2)
    labels = labels_of_zoo(rng, 1500, 0.3)
    cells = {
        "contract": ["yes" if won else None for won in labels],
        "size": number_with(0.6)(rng, labels),
        "rating": number_with(0.8)(rng, labels),
        "shade": pick(rng, ["a", "b", "c"], 1500),
    }
    return cells, labels.astype(int)


def test_leaks_and_suspects_are_weighed_by_models(tmp_path: Path, drawn: tuple[dict[str, Any], Any]) -> None:
    audit = of_file(tmp_path, *drawn)
    assert verdicts(audit) == {"contract": "leak", "size": "clear", "rating": "suspect", "shade": "clear"}
    by_name = {column.name: column for column in audit.columns}
    leak, suspect, clear = by_name["contract"], by_name["rating"], by_name["shade"]
    assert leak.gain_share is not None
    assert leak.gain_share > 0.9
    assert leak.auc_lost_without is not None
    assert leak.auc_lost_without > 0.15
    assert suspect.auc_lost_without is not None
    assert 0.02 < suspect.auc_lost_without < 0.2
    assert clear.auc_lost_without is None
    assert any("of the gain of a model of all columns" in sentence for sentence in leak.evidence)
    assert any("with the leaks" in note for note in audit.notes)
    assert (audit.leads, audit.conversions, audit.fresh) == (1500, int(drawn[1].sum()), 0)


def test_the_json_has_a_verdict_and_evidence_for_each_column(
    tmp_path: Path, drawn: tuple[dict[str, Any], Any]
) -> None:
    content = of_file(tmp_path, *drawn).to_dict()
    for column in content["columns"]:
        assert {"name", "verdict", "evidence"} <= set(column)
        assert column["verdict"] in {"leak", "suspect", "clear"}
        assert all(isinstance(sentence, str) for sentence in column["evidence"])


def test_the_same_file_gives_the_same_audit(tmp_path: Path, drawn: tuple[dict[str, Any], Any]) -> None:
    assert of_file(tmp_path, *drawn) == of_file(tmp_path, *drawn)


def test_rows_that_the_label_calls_open_are_the_fresh_ones(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    ends = pick(rng, ["Won", "Lost", "In progress"], 1500, [0.2, 0.5, 0.3])
    decided = np.where(ends == "In progress", None, pick(rng, ["x", "z"], 1500))
    audit = of_file(
        tmp_path,
        {"settled_by": decided},
        ends,
        label="y",
        outcomes={"Won": "won", "Lost": "lost", "In progress": "open"},
    )
    assert audit.fresh == int((ends == "In progress").sum())
    assert verdicts(audit) == {"settled_by": "suspect"}


def test_leaks_are_left_out_unless_they_are_kept(tmp_path: Path, drawn: tuple[dict[str, Any], Any]) -> None:
    audit = of_file(tmp_path, *drawn)
    assert audit.left_out() == ("contract",)
    assert audit.left_out(["contract", "size"]) == ()
    with pytest.raises(InputError, match=r"--keep: expected one of contract, size.* found 'contrakt'"):
        audit.left_out(["contrakt"])
    mapping = mapping_from({**FLAT, "leads": {**FLAT["leads"], "exclude": ["shade"]}})
    assert without_leaks(mapping, audit.left_out()).leads.exclude == ("shade", "contract")
    assert mapping.leads.exclude == ("shade",)


def test_too_small_a_file_is_not_judged_and_says_so(tmp_path: Path) -> None:
    labels = np.array([1] * 8 + [0] * 60)
    audit = of_file(tmp_path, {"copy": labels}, labels)
    assert audit.named("leak") == ()
    assert "'clear' means nothing here" in audit.notes[0]
    assert "Too small to judge" in audit.notes[0]


def test_of_very_many_leads_a_part_is_judged_and_this_is_said(
    tmp_path: Path, drawn: tuple[dict[str, Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audited, "MOST_LEADS", 1_000)
    audit = of_file(tmp_path, *drawn)
    assert audit.leads == 750
    assert "750 of 1,500 leads were looked at, evenly spread." in audit.notes
    assert verdicts(audit)["contract"] == "leak"
    company = flat_company()
    monkeypatch.setattr(audited, "MOST_LEADS", 150)
    part = audit_history(company.tables, company.mapping, cut_examples(company.tables, company.mapping))
    assert part.leads == 134
    assert "134 of 400 leads were looked at, evenly spread." in part.notes


def test_the_flat_company_of_the_tests_has_no_leak() -> None:
    company = flat_company()
    audit = audit_history(company.tables, company.mapping, cut_examples(company.tables, company.mapping))
    assert audit.named("leak") == ()


def test_columns_of_dated_data_without_changes_are_undated() -> None:
    company = dated_company()
    audit = audit_history(company.tables, company.mapping, cut_examples(company.tables, company.mapping))
    assert audit.named("leak") == ()
    assert all(column.is_undated for column in audit.columns)
    assert not [note for note in audit.notes if "--fresh" in note]


def test_a_column_that_open_leads_lack_is_a_leak_in_dated_data() -> None:
    rows, acts, ends = generated_tables(900)
    ended = {end["lead_id"]: end["outcome"] for end in ends}
    for row in rows:
        row["remark"] = {"won": "done", "lost": "gone"}.get(ended.get(row["lead_id"], ""))
    mapping = a_mapping()
    all_tables = tables(rows, events=acts, outcomes=ends)
    audit = audit_history(all_tables, mapping, cut_examples(all_tables, mapping))
    assert verdicts(audit)["remark"] == "leak"


def written_at_the_end(shift: float) -> tuple[Any, Mapping]:
    """A company whose column 'phase' is written some days from the outcome on, with its history."""
    rows, acts, ends = generated_tables(900)
    changes = []
    created = {row["lead_id"]: row["created_at"] for row in rows}
    for row in rows:
        row["phase"] = "new"
        changes.append(
            {"lead_id": row["lead_id"], "column": "phase", "changed_at": row["created_at"], "value": "new"}
        )
    for end in ends:
        at = max(end["occurred_at"] + day(shift) - day(0), created[end["lead_id"]])
        changes.append(
            {"lead_id": end["lead_id"], "column": "phase", "changed_at": at, "value": end["outcome"]}
        )
    mapping = a_mapping(
        changes={
            "path": "changes.csv",
            "lead_id": "lead_id",
            "column": "column",
            "changed_at": "changed_at",
            "value": "value",
        }
    )
    return tables(rows, events=acts, outcomes=ends, changes=changes), mapping


def test_a_column_written_when_leads_end_is_read_as_it_stood_and_suspect() -> None:
    all_tables, mapping = written_at_the_end(0.01)
    audit = audit_history(all_tables, mapping, cut_examples(all_tables, mapping))
    [phase] = [column for column in audit.columns if column.name == "phase"]
    assert phase.verdict == "suspect"
    assert not phase.is_undated
    assert "within a day from the outcome on" in phase.evidence[0]


def test_a_column_written_before_the_end_is_not_said_to_be_written_at_it() -> None:
    all_tables, mapping = written_at_the_end(-12)
    audit = audit_history(all_tables, mapping, cut_examples(all_tables, mapping))
    [phase] = [column for column in audit.columns if column.name == "phase"]
    assert not [sentence for sentence in phase.evidence if "from the outcome on" in sentence]


@pytest.fixture(scope="module")
def leaky(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    folder = tmp_path_factory.mktemp("leaky")
    made = generate(Recipe(leads=3_000, seed=5, leak=True), folder)
    mapping = read_mapping(made.mapping)
    all_tables = read_tables(mapping, folder)
    return audit_history(all_tables, mapping, cut_examples(all_tables, mapping))


@pytest.mark.slow
def test_the_leak_of_the_generated_history_is_the_only_one_found(leaky: Audit) -> None:
    assert [column.name for column in leaky.named("leak")] == ["contract_status"]
    assert leaky.named("suspect") == ()


@pytest.mark.slow
def test_dated_data_bring_their_own_fresh_leads(leaky: Audit) -> None:
    assert leaky.fresh > 100
    [leak] = leaky.named("leak")
    assert any("0% of the fresh ones" in sentence for sentence in leak.evidence)


@pytest.mark.slow
def test_undated_columns_are_named(leaky: Audit) -> None:
    undated = {column.name for column in leaky.columns if column.is_undated}
    assert "contract_status" in undated
    assert "employees" not in undated
    assert any(note.startswith("Columns without a history (undated): ") for note in leaky.notes)
