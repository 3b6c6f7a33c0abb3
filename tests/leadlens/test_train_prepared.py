"""`leadlens train --prepared`: what it refuses."""

from pathlib import Path

import pytest
from command_line import leadlens


@pytest.mark.parametrize("beside", ["--leads", "--config", "--data"])
def test_files_beside_a_prepared_history_are_refused(beside: str, tmp_path: Path) -> None:
    run = leadlens("train", "--prepared", tmp_path / "p", beside, tmp_path / "x", "--home", tmp_path / "home")
    assert run.code == 1, run.said
    assert "--prepared: expected nothing beside it, found files or a mapping. Leave one out." in run.said
    assert not (tmp_path / "home").exists()
