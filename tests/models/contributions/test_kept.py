"""Tables in a file: mapped again they give the same bits, and a file that is not whole is never used."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_company import Company

from models.contributions import Attributions
from models.contributions import kept as module
from models.contributions.errors import KeptTablesError
from models.contributions.kept import KeptTables, read_tables, write_tables

ARTIFACT = "ab" * 32


@pytest.fixture(scope="module")
def file(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kept") / "made" / "one.tables"
    write_tables(company.scorer.attributions.to_keep(), path, artifact=ARTIFACT)
    return path


def test_mapped_tables_give_the_same_bits_and_never_ask_for_the_booster(company: Company, file: Path) -> None:
    own, asked = company.scorer.attributions, []
    again = Attributions.kept(read_tables(file, artifact=ARTIFACT), lambda: asked.append(1))  # type: ignore[arg-type, return-value]  # none is given
    rows = np.random.default_rng(1).normal(size=(700, own.features))
    rows[::7, ::3] = np.nan
    for some in (rows[:1], rows[:5], rows):
        np.testing.assert_array_equal(again.values(some, threads=2), own.values(some))
    assert (again.expected, again.method, again.table_bytes, again.deep_leaves) == (
        own.expected, own.method, own.table_bytes, own.deep_leaves,
    )  # fmt: skip
    assert (again.is_read, own.is_read, asked) == (True, False, [])


def test_the_file_is_made_whole_and_nothing_else_is_left(file: Path) -> None:
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@given(st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_altered_or_missing_byte_is_refused(file: Path, tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(file.read_bytes())
    at = data.draw(st.one_of(st.integers(0, 2_000), st.integers(0, len(content) - 1)))
    if data.draw(st.booleans()):
        content[at] ^= data.draw(st.integers(1, 255))
    else:
        del content[at:]
    (tmp_path / "bad").write_bytes(content)
    with pytest.raises(KeptTablesError, match=r"^bad: "):
        read_tables(tmp_path / "bad", artifact=ARTIFACT)


@pytest.mark.parametrize(("name", "value"), [("LAYOUT", 2), ("ROOM", "other")])
def test_tables_of_another_source_are_refused(
    file: Path, name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, value)
    with pytest.raises(KeptTablesError, match=f"another {name.lower()}: expected {value}"):
        read_tables(file, artifact=ARTIFACT)


def test_tables_of_another_artifact_are_refused(file: Path, tmp_path: Path) -> None:
    with pytest.raises(KeptTablesError, match="another artifact"):
        read_tables(file, artifact="cd" * 32)
    with pytest.raises(KeptTablesError, match="none"):
        read_tables(tmp_path / "none", artifact=ARTIFACT)


def test_that_a_booster_cannot_be_tabulated_is_kept_too(company: Company, tmp_path: Path) -> None:
    own = company.scorer.attributions
    write_tables(KeptTables(own.features, own.expected, None), tmp_path / "none", artifact=ARTIFACT)
    again = Attributions.kept(
        read_tables(tmp_path / "none", artifact=ARTIFACT), lambda: company.scorer.booster
    )
    assert (again.method, again.expected) == ("lightgbm", own.expected)
    rows = np.zeros((3, own.features))
    np.testing.assert_allclose(again.values(rows), own.values(rows), atol=1e-9)
