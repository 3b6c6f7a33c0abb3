import json
import math
import pickletools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_company import HOSTILE_NAME, Company

from models.artifact import CHECKSUMS, FILES, load_scorer, read_about, save_scorer
from models.errors import ArtifactError


@pytest.fixture(scope="session")
def saved(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("artifact") / "scorer"
    save_scorer(company.scorer, folder, about={"evidence": {"auc": 0.7}, "who": "größe"})
    return folder


def copied(saved: Path, to: Path) -> Path:
    to.mkdir(exist_ok=True)
    for name in (*FILES, CHECKSUMS):
        (to / name).write_bytes((saved / name).read_bytes())
    return to


def test_a_scorer_is_read_back_and_gives_the_same_bits(company: Company, saved: Path) -> None:
    again = load_scorer(saved)
    batch = company.batch(100)
    assert again.score(batch, shown=None) == company.scorer.score(batch, shown=None)
    assert again.mapping == company.scorer.mapping
    assert again.spec == company.scorer.spec
    assert HOSTILE_NAME in again.spec.names


def test_a_flat_scorer_is_read_back_too(flat: Company, tmp_path: Path) -> None:
    save_scorer(flat.scorer, tmp_path / "scorer")
    again = load_scorer(tmp_path / "scorer", version=7)
    assert again.version == 7
    mine = [score for score in again.score(flat.batch()) if score]
    assert [(s.score, s.reasons) for s in mine] == [
        (s.score, s.reasons) for s in flat.scorer.score(flat.batch())
    ]


def test_a_second_copy_has_the_same_bytes(saved: Path, tmp_path: Path) -> None:
    save_scorer(load_scorer(saved), tmp_path / "again", about=read_about(saved))
    for name in (*FILES, CHECKSUMS):
        assert (tmp_path / "again" / name).read_bytes() == (saved / name).read_bytes()


def test_what_was_kept_with_a_scorer_is_read_back(saved: Path) -> None:
    assert read_about(saved) == {"evidence": {"auc": 0.7}, "who": "größe"}


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@pytest.mark.parametrize("name", [*FILES, CHECKSUMS])
def test_any_altered_byte_of_any_file_is_refused(
    saved: Path, tmp_path: Path, name: str, data: st.DataObject
) -> None:
    folder = copied(saved, tmp_path / "altered")
    content = bytearray((folder / name).read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    (folder / name).write_bytes(content)
    with pytest.raises(ArtifactError, match=r"checksum|incomplete"):
        load_scorer(folder)


def test_a_changed_space_in_the_checksums_is_refused(saved: Path, tmp_path: Path) -> None:
    folder = copied(saved, tmp_path / "altered")
    (folder / CHECKSUMS).write_bytes((saved / CHECKSUMS).read_bytes().replace(b"\n ", b"\n\t", 1))
    with pytest.raises(ArtifactError, match=CHECKSUMS):
        load_scorer(folder)


@pytest.mark.parametrize("content", ["[]", "null", "1", "{}", "", '"text"'])
def test_checksums_that_are_none_are_refused(saved: Path, tmp_path: Path, content: str) -> None:
    folder = copied(saved, tmp_path / "altered")
    (folder / CHECKSUMS).write_text(content)
    with pytest.raises(ArtifactError, match=r"checksum|incomplete"):
        load_scorer(folder)


@pytest.mark.parametrize("name", [*FILES, CHECKSUMS])
def test_a_missing_file_is_refused_by_name(saved: Path, tmp_path: Path, name: str) -> None:
    folder = copied(saved, tmp_path / "partial")
    (folder / name).unlink()
    with pytest.raises(ArtifactError, match=f"incomplete.*{name}"):
        load_scorer(folder)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="incomplete"):
        load_scorer(tmp_path / "nothing")


def test_a_file_of_somebody_else_beside_it_does_no_harm(saved: Path, tmp_path: Path) -> None:
    folder = copied(saved, tmp_path / "registered")
    (folder / "registered_model_meta").write_text("model_name: leadlens")
    assert load_scorer(folder).name == "leadlens"


def test_a_layout_of_another_version_is_refused(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.artifact.FORMAT", 2)
    save_scorer(company.scorer, tmp_path / "newer")
    monkeypatch.setattr("models.artifact.FORMAT", 1)
    with pytest.raises(ArtifactError, match="has format 2, this reads 1"):
        load_scorer(tmp_path / "newer")


def test_the_folder_holds_text_and_nothing_that_runs(saved: Path) -> None:
    assert sorted(file.name for file in saved.iterdir()) == sorted((*FILES, CHECKSUMS))
    for file in saved.iterdir():
        content = file.read_bytes()
        assert content.decode("utf-8").isprintable() or b"\n" in content
        assert b"\x80" not in content[:1]
        with pytest.raises(Exception, match=r".*"):  # whatever it says, it is no pickle
            list(pickletools.genops(content))


def test_the_json_is_json_without_nan(saved: Path) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    for file in saved.glob("*.json"):
        json.loads(file.read_text("utf-8"), parse_constant=refuse)


def test_evidence_with_nan_is_not_written(company: Company, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        save_scorer(company.scorer, tmp_path / "nan", about={"auc": math.nan})


def test_no_lead_is_in_the_artifact(company: Company, saved: Path) -> None:
    text = "".join(file.read_text("utf-8") for file in saved.iterdir())
    leads = company.tables.leads
    assert not [lead for lead in leads["lead_id"] if f'"{lead}"' in text]
    assert not [address for address in leads["email"] if address in text]
