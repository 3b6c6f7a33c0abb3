"""Who is who in a prepared history is who is who in the tables that are read whole."""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.duplicates.identity import PLACEHOLDER_LEADS, Placeholder, identify
from features.duplicates.merging import merge_duplicates
from features.hashing import buckets_of
from features.mapping import Mapping, mapping_from, read_mapping
from features.prepared import Prepared
from features.prepared.write import prepare
from features.reading import csv_files, files, read_tables
from training.synthetic import History as Synthetic
from training.synthetic import generate

COLUMNS = ["id", "created", "mail", "second", "name", "phone", "country", "row", "Converted"]
COMPANY = st.lists(
    st.tuples(
        st.sampled_from(["1", "01", "L-3", "ä", "b", "c", "d", "e"]),
        st.sampled_from(["2024-01-01", "2024-01-02", "2024-01-03"]),
        st.sampled_from(
            ["", "Select", "a@x.example", "A@x.example", "b@x.example", "info@x.example", "none"]
        ),
        st.sampled_from(["", "", "b@x.example", "text"]),
        st.sampled_from(["", "Ada", "ada", "Bo"]),
        st.sampled_from(["", "+49 30 901820", "030 901820", "030 901821"]),
        st.sampled_from(["", "DE", "Germany", "AT"]),
        st.just("7"),
        st.sampled_from(["0", "1", ""]),
    ),
    max_size=14,
)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts so small that every file has many."""
    monkeypatch.setattr(files, "PART_ROWS", 3)
    monkeypatch.setattr(csv_files, "_BLOCK_BYTES", 128)


def a_mapping(*, is_flat: bool, start: date | None) -> Mapping:
    leads = {"path": "leads.csv", "id": "id", "created_at": "created", "missing": ["Select"]}
    table = {"path": "outcomes.csv", "lead_id": "who", "occurred_at": "at", "outcome": "end"}
    return mapping_from(
        {
            "leads": leads if is_flat else {**leads, "exclude": ["Converted"]},
            "outcomes": {"label": "Converted", "positive": 1} if is_flat else table,
            "training": {"horizon": "30 days"} | ({"from": start} if start else {}),
        }
    )


def assert_who_is_who(prepared: Prepared, mapping: Mapping, folder: Path) -> None:
    leads = read_tables(mapping, folder).leads
    who, ids = identify(leads, mapping), leads["lead_id"].to_numpy(object)
    expected = dict(zip(ids[who.repeats], ids[who.survivor[who.repeats]], strict=True))
    aliases = prepared.aliases()
    assert dict(zip(aliases["lead_id"], aliases["survivor"], strict=True)) == expected
    assert prepared.placeholders() == who.placeholders
    assert prepared.manifest.identity.apart == who.apart
    assert prepared.manifest.identity.aliases == len(expected)
    for number, tables in enumerate(prepared):
        own = tables.leads["lead_id"]
        of = pd.Series([expected.get(lead, lead) for lead in own], dtype="str")
        assert set(buckets_of(of, len(prepared))) <= {number}
        assert own[prepared.identity(number).survivor].tolist() == of.tolist()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=12)
@given(
    rows=COMPANY, buckets=st.integers(1, 4), is_flat=st.booleans(),
    start=st.sampled_from([None, date(2024, 1, 2)]),
)  # fmt: skip
def test_the_same_leads_are_one_as_in_the_whole(
    rows: list[tuple[str, ...]],
    buckets: int,
    is_flat: bool,
    start: date | None,
    tmp_path_factory: pytest.TempPathFactory,
    small_parts: None,
) -> None:
    folder = tmp_path_factory.mktemp("company")
    rows = [*rows, ("z0", "2024-01-03", "z@x.example", "", "", "", "", "7", "0")]
    rows += [("z1", "2024-01-03", "y@x.example", "", "", "", "", "7", "1")]
    pd.DataFrame(rows, columns=COLUMNS, dtype="str").to_csv(folder / "leads.csv", index=False)
    (folder / "outcomes.csv").write_text("who,at,end\n1,2024-02-01,won\n")
    mapping = a_mapping(is_flat=is_flat, start=start)
    assert_who_is_who(prepare(mapping, folder, folder / "out", buckets=buckets), mapping, folder)


def test_values_of_too_many_leads_are_told_over_all_buckets(tmp_path: Path) -> None:
    crowd = [f"L-{number},2024-01-01,all@x.example" for number in range(PLACEHOLDER_LEADS + 1)]
    (tmp_path / "leads.csv").write_text("\n".join(["id,created,mail", *crowd]))
    (tmp_path / "outcomes.csv").write_text("who,at,end\nL-1,2024-02-01,won\n")
    mapping = a_mapping(is_flat=False, start=None)
    mapping = mapping.model_copy(update={"leads": mapping.leads.model_copy(update={"exclude": ()})})
    prepared = prepare(mapping, tmp_path, tmp_path / "out", buckets=4)
    assert prepared.placeholders() == (Placeholder("email", tuple(f"L-{number}" for number in range(6))),)
    assert prepared.aliases().empty


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_duplicates_of_a_generated_history_are_found_and_merged(kind: Any, tmp_path: Path) -> None:
    made = generate(Synthetic(leads=300, seed=3), tmp_path / "data", format=kind)
    mapping = read_mapping(made.mapping)
    prepared = prepare(mapping, tmp_path / "data", tmp_path / "out", buckets=3)
    assert len(prepared.aliases()) >= 3
    assert_who_is_who(prepared, mapping, tmp_path / "data")
    whole, _ = merge_duplicates(read_tables(mapping, tmp_path / "data"), mapping)
    merged = [merge_duplicates(part, mapping, prepared.identity(n))[0] for n, part in enumerate(prepared)]
    assert whole.events is not None
    assert sum(len(part.leads) for part in merged) == len(whole.leads)
    assert sum(len(part.events) for part in merged if part.events is not None) == len(whole.events)
