"""`leadlens card` on a registered version."""

from pathlib import Path

import pytest
from command_line import done, leadlens
from made_about import made_about
from small_company import dated_company

from models.registry import home_registry
from training.reports.runs import record_version


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one version in its registry."""
    home = tmp_path_factory.mktemp("a home of 100 % Größe") / "home"
    record_version(dated_company().scorer, made_about(), home_registry(home, {}))
    return home


def test_the_card_of_the_newest_version_is_printed_as_markdown(registered: Path) -> None:
    said = done("card", "--home", registered).out
    assert said.startswith("# leadlens, version 1\n")
    assert "## Evidence" in said
    assert str(registered) not in said


@pytest.mark.parametrize("name", ["card.html", "card.md"])
def test_it_is_written_by_the_ending_of_the_file_and_the_same_again(
    registered: Path, tmp_path: Path, name: str
) -> None:
    texts = []
    for folder in ("one", "again"):
        out = tmp_path / folder / name
        out.parent.mkdir()
        assert "card of version 1" in done("card", 1, "--out", out, "--home", registered).out
        texts.append(out.read_bytes())
    assert texts[0] == texts[1]
    assert texts[0].startswith(b"# " if name.endswith("md") else b"<!doctype html>")


def test_other_endings_and_missing_versions_are_refused_in_words(registered: Path, tmp_path: Path) -> None:
    wrong = leadlens("card", "--out", tmp_path / "card.pdf", "--home", registered)
    assert (wrong.code, "expected a file that ends in .html or .md" in wrong.said) == (1, True)
    missing = leadlens("card", 99, "--home", registered)
    assert (missing.code, "There is no version 99" in missing.said) == (3, True)
    empty = leadlens("card", "--home", tmp_path / "nothing")
    assert (empty.code, "There is no version to show" in empty.said) == (3, True)
