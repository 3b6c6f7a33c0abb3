"""train, promote and rollback with the registry in an MLflow server that several homes may share."""

from pathlib import Path

import pytest
from command_line import done
from promotable import company_files
from tracking_server import tracking_server

from models.champion import pointed_to
from models.registry import CHALLENGER, CHAMPION, home_registry

pytestmark = pytest.mark.slow


def test_the_commands_work_with_the_server_that_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, config = tmp_path / "home", company_files(tmp_path)
    with tracking_server(tmp_path) as address:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
        registry = home_registry(home, {"MLFLOW_TRACKING_URI": address})
        for version, words in ((1, ("points",)), (2, ("train",))):
            out = done(*words, "--config", config, "--home", home).out
            assert f"\nVersion {version} is registered as challenger" in out
            assert address not in out  # what MLflow says of its pages is not for scripts to read
            assert registry.aliased(CHALLENGER) == registry.version(version)
            done("promote", "--force", "--why", "a small company", "--home", home)
            assert registry.aliased(CHAMPION) == registry.version(version)
            assert pointed_to(home) == version
        out = done("rollback", "--home", home).out
        assert out == "Version 1 is champion again, in place of version 2.\n"
        assert registry.aliased(CHAMPION) == registry.version(1)
        assert pointed_to(home) == 1
        log = done("audit-log", "--home", home).out
    acts = [line.split("command line")[1].split("{")[0].strip() for line in log.splitlines()]
    assert acts == ["version rolled back", *["version promoted", "version became challenger"] * 2]
    assert not (home / "mlflow.db").exists()
