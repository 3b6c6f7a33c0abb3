"""What every test may ask for."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, Phase, settings
from network import ClosedNetwork, close_network
from postgres import Postgres, postgres, programs

from leadlens.quiet import keep_libraries_quiet
from serving.store.database import FILE, Store, open_store

keep_libraries_quiet()
ROOT = Path(__file__).parent.parent
PROVING = os.environ.get("LEADLENS_PROVE") == "1"

# A busy machine is no fault of the code: nothing fails for being slow. In CI the examples are always the same
# ones; elsewhere each run tries new ones, and remembers those that failed.
_patient = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("test", max_examples=50, **_patient)
# A failure there is shown as it was found: looking for a smaller one could run into the time limit.
_as_found = tuple(phase for phase in Phase if phase not in {Phase.shrink, Phase.explain})
settings.register_profile(
    "ci", settings.get_profile("test"), derandomize=True, database=None, phases=_as_found
)
settings.register_profile("prove", max_examples=5_000, **_patient)
settings.load_profile("prove" if PROVING else "ci" if os.environ.get("CI") else "test")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests come first, so that no core has nothing left to do while another ends one."""
    slow = {item.path for item in items if item.get_closest_marker("slow") is not None}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def proof_size() -> Callable[[int, int], int]:
    """Choose between the size of `make test` and that of `make prove`: `proof_size(500, 50_000)`."""
    return lambda small, full: full if PROVING else small


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of real data sets, for tests marked `realdata`."""
    folder = Path(os.environ.get("LEADLENS_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("no real data sets here: LEADLENS_DATA names no folder that exists")
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium, for tests marked `browser`."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.skip("no Chromium here: scripts/install-test-tools installs it")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    """A PostgreSQL server, started for this session's tests."""
    folder = programs()
    if folder is None:
        pytest.skip("no PostgreSQL here: scripts/install-test-tools installs its server programs")
    with postgres(folder) as server:
        yield server


@pytest.fixture(scope="session")
def empty_store(postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a PostgreSQL database with the tables of a store, to be copied: it is made faster so."""
    url = postgres_server.database()
    open_store(tmp_path_factory.mktemp("none"), url).close()
    return url.partition("@/")[2].partition("?")[0]


@pytest.fixture(scope="session")
def empty_store_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SQLite's file of a store with its tables and nothing in them, to be copied for the same reason."""
    home = tmp_path_factory.mktemp("empty")
    open_store(home).close()
    return home / FILE


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str | None:
    """Where a store is kept: None for SQLite in the home, or the URL of a PostgreSQL database of its own."""
    if request.param == "sqlite":
        return None
    server: Postgres = request.getfixturevalue("postgres_server")
    return server.database(like=request.getfixturevalue("empty_store"))


@pytest.fixture
def store(tmp_path: Path, store_url: str | None, request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty store, of each kind in turn."""
    if store_url is None:
        (tmp_path / "store").mkdir(mode=0o700)
        shutil.copy(request.getfixturevalue("empty_store_file"), tmp_path / "store")
    opened = open_store(tmp_path / "store", store_url)
    yield opened
    opened.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home of LeadLens, also for child processes, in an empty home of the user."""
    user, leadlens = tmp_path / "user", tmp_path / "home"
    user.mkdir()
    monkeypatch.setenv("HOME", str(user))
    monkeypatch.setenv("LEADLENS_HOME", str(leadlens))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "BENTOML_HOME"):
        monkeypatch.delenv(name, raising=False)
    return leadlens


@pytest.fixture
def closed_network(tmp_path: Path) -> Iterator[ClosedNetwork]:
    """No network for this test and its children; a step towards it fails the test at its end."""
    with close_network(tmp_path / "network-attempts.jsonl") as closed:
        yield closed
    assert closed.attempts == []


@pytest.fixture(scope="session")
def script() -> Callable[[str], ModuleType]:
    """Load a file of scripts/ as a module."""

    def load(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(f"scripts_{name}", ROOT / "scripts" / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        return module

    return load
