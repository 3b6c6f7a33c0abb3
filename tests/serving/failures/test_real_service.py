"""`leadlens serve` with all that it starts: versions come and go, processes die, and nobody notices."""

import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from broken_artifacts import CRASHES, broken_there
from ports import free_port
from served import Served, served
from small_company import dated_company
from steady_callers import Callers
from waiting import until

from leadlens.quiet import keep_libraries_quiet
from models.artifact import save_scorer
from models.registry import CHAMPION, Registered, Registry, home_registry
from models.tracked import TrackedRun
from serving.run import create_key

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]  # nine processes start, on two processors

STARTED = ("server 1", "server 2", "follower", "shadow")
NOBODY = "lead-77-of-nobody"


def body(number: int) -> bytes:
    lead = {
        "lead_id": f"{NOBODY}-{number}",
        "created_at": "2024-03-01T00:00:00Z",
        "email": f"{NOBODY}@acme.example",
    }
    events = [{"event_id": f"e{number}", "type": "page_view", "occurred_at": "2024-05-01T00:00:00Z"}]
    return json.dumps({"lead": lead, "events": events, "as_of": "2024-06-01T00:00:00Z"}).encode()


def large_body(number: int) -> bytes:
    """Return one with room in it, so that the shadow's line is soon full."""
    return body(number) + b" " * 50_000


@dataclass
class Service:
    """A running service, the registry that it follows, and the processes that it started, by name.

    Of the versions the second is there to be spoilt, in the folder `stored`. The third is challenger.
    """

    home: Path
    registry: Registry
    server: Served
    key: str
    stored: Path
    processes: dict[str, psutil.Process] = field(default_factory=dict)

    def crown(self, version: Registered) -> None:
        """Move the alias as MLflow's own page does."""
        client = self.registry._client()  # noqa: SLF001 - the page's own way
        client.set_registered_model_alias(version.name, CHAMPION, str(version.version))

    def health(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.server.ask("GET", "/v1/health", key=self.key).body)
        return found

    def tells(self, part: str, program: str, level: str, said: str = "") -> bool:
        return any(
            (one["part"], one["program"], one["level"]) == (part, program, level) and said in one["said"]
            for one in self.health()["conditions"]
        )

    def metric(self, name: str) -> float:
        """Return the sum of a metric over its labels."""
        text = self.server.ask("GET", "/metrics", key=self.key).body.decode()
        return sum(float(found) for found in re.findall(rf"^{name}(?:\{{.*\}})? (\S+)$", text, re.MULTILINE))

    def said(self, program: str) -> list[str]:
        """Return what a program has logged, but for the answers."""
        lines = (line for line in self.server.log.splitlines() if '"leadlens.access"' not in line)
        told = [json.loads(line) for line in lines if line[:1] + line[-1:] == "{}"]
        return [line["message"] for line in told if line["program"] == program]

    def serves(self, version: int) -> bool:
        """Return whether both of those who answer have loaded a version last."""
        loaded = ([one for one in self.said(program) if "Serving" in one] for program in STARTED[:2])
        return all(lines and lines[-1].endswith(f"version {version}") for lines in loaded)

    def found(self) -> list[psutil.Process]:
        """Return the processes that it started and that live, the oldest first."""
        started = []
        for child in psutil.Process(self.server.process.pid).children():
            with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                if any("spawn_main" in word for word in child.cmdline()):
                    started.append((child.create_time(), child.pid, child))
        return [child for _, _, child in sorted(started)]

    def kill(self, program: str) -> None:
        """Kill one of them, and wait until another has its place, and the log says so."""
        self.processes[program].kill()
        until(lambda: len(self._new()) == 1, f"another {program}", 150)
        [self.processes[program]] = self._new()
        assert f"{program} ended with code -9 and starts again" in self.server.log

    def _new(self) -> list[psutil.Process]:
        return [one for one in self.found() if one not in self.processes.values()]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    keep_libraries_quiet()
    folder = tmp_path_factory.mktemp("service")
    home, port = folder / "home", free_port()
    home.mkdir()
    key = create_key(home, "callers", ["score", "read", "metrics"])[1]
    registry = home_registry(home, {})
    save_scorer(dated_company().scorer, folder / "sound")
    first = stored_in(home, lambda: register(registry, folder / "sound"))
    second = stored_in(home, lambda: register(registry, folder / "sound"))
    register(registry, folder / "sound")
    assert first != second
    command = [
        *(sys.executable, "-m", "leadlens", "serve", "--home", str(home), "--port", str(port)),
        *("--no-worker", "--workers", "2"),
    ]
    settings = {
        "LEADLENS_LOG_FORMAT": "json",
        "LEADLENS_SHADOW_SHARE": "1",
        "LEADLENS_KEY_LIMIT_PER_MINUTE": "0",
    }
    with served(command, folder, port, **settings) as server:
        service = Service(home, registry, server, key, second)
        patiently(lambda: len(service.found()) == len(STARTED), "its processes")
        service.processes.update(zip(STARTED, service.found(), strict=True))
        patiently(lambda: service.tells("registry", "follower", "ok"), "the follower")
        yield service


def patiently(condition: Callable[[], bool], what: str) -> None:
    """Wait for a process that starts behind all others: its priority is low."""
    until(condition, what, 150, every=0.3)


def stored_in(home: Path, act: Callable[[], object]) -> Path:
    """Return the folder of the artifact that an act adds to a home's store."""
    before = set((home / "mlartifacts").rglob("checksums.json"))
    act()
    [added] = set((home / "mlartifacts").rglob("checksums.json")) - before
    return added.parent


def register(registry: Registry, sound: Path) -> Registered:
    nothing = TrackedRun(parameters={}, figures={}, texts={})
    return registry.register(sound, nothing, dated_company().scorer.spec.names)


def test_versions_come_and_go_and_processes_die_and_every_answer_is_a_score(
    service: Service, record_property: Callable[[str, object], None]
) -> None:
    callers = Callers(service.server.address, service.key, body)
    first, spoilt, last = (service.registry.version(number) for number in (1, 2, 3))
    with callers.calling(4):
        follow_sound_versions(service, callers, (first, last), record_property)
        refuse_a_broken_version(service, last, spoilt)
        answers = callers.newest()
        shadow_scores_and_stands_and_dies(service, callers)
        for program in ("server 1", "follower"):
            service.kill(program)
        patiently(lambda: service.serves(3), "the model of the new server")
        service.crown(first)
        patiently(lambda: service.serves(1), "what is promoted after that")
        answers += callers.newest()
    answers += callers.newest()
    assert {status for status, _ in answers} == {200}
    assert {version for _, version in answers} == {3, 1}
    assert callers.broken <= 4  # those whose connection was to the server that was killed
    log = service.server.log
    assert NOBODY not in log
    assert "Traceback" not in log


def follow_sound_versions(
    service: Service,
    callers: Callers,
    versions: tuple[Registered, ...],
    record_property: Callable[[str, object], None],
) -> None:
    """From the scorecard that stands in at first to one version and the next: all that answer, in seconds."""
    seconds = []
    for version in versions:
        service.crown(version)
        began = time.monotonic()
        until(partial(service.serves, version.version), "the version", 150, every=0.05)
        seconds.append(round(time.monotonic() - began, 2))
        answers = callers.newest()
        until(lambda: callers.answers.total() > 20, "answers")
        assert {status for status, _ in answers} == {200}
    record_property("seconds_until_all_serve", seconds)
    callers.newest()
    until(lambda: callers.answers.total() > 20, "answers")
    assert set(callers.newest()) == {(200, versions[-1].version)}


def refuse_a_broken_version(service: Service, good: Registered, spoilt: Registered) -> None:
    """What kills the process that reads it is said in health, log and metrics; the one before goes on."""
    broken_there(service.stored, CRASHES)
    service.crown(spoilt)
    refused = f"Version {spoilt.version} was refused: "
    patiently(partial(service.tells, "champion", "follower", "degraded", refused), "the refusal")
    assert service.tells("champion", "follower", "degraded", f"version {good.version} goes on serving")
    patiently(lambda: service.metric("leadlens_model_refusals_total") == 1, "its count")
    [refusal] = [line for line in service.said("follower") if line.startswith(refused)]
    assert re.search(CRASHES[2], refusal)
    service.crown(good)
    patiently(partial(service.tells, "champion", "follower", "ok"), "the word that all is well")
    assert service.serves(good.version)


def shadow_scores_and_stands_and_dies(service: Service, callers: Callers) -> None:
    """What it scored is told; while it stands still or is gone the callers notice nothing."""

    def compared() -> int:
        found = service.health()["shadow"]
        return 0 if found is None or found["champion"] != 3 else int(found["count"])

    patiently(lambda: compared() > 10, "figures of the shadow")
    assert service.health()["shadow"]["challenger"] == 3
    assert service.health()["shadow"]["mean_difference"] == 0.0
    patiently(lambda: service.metric("leadlens_shadow_scores_total") > 10, "metrics of the shadow")
    assert service.metric("leadlens_shadow_difference_points_count") > 0
    service.processes["shadow"].suspend()
    callers.body = large_body
    patiently(lambda: service.metric("leadlens_shadow_dropped_total") > 10, "what the shadow has no room for")
    callers.body = body
    service.processes["shadow"].resume()
    service.kill("shadow")
    before = service.metric("leadlens_shadow_scores_total")
    patiently(lambda: service.metric("leadlens_shadow_scores_total") > before, "what the next shadow scores")
