"""What /metrics answers, to whom, and that a store that is away keeps nobody waiting."""

import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from postgres import Postgres
from prometheus_client.parser import text_string_to_metric_families
from service_here import Service

from serving.clock import utc_now
from serving.jobs import waiting_figures
from serving.jobs.waiting_figures import WaitingFigures
from serving.jobs.workers import note_worker
from serving.store.database import Store, open_store
from serving.telemetry.definitions import METRICS, STALE, STORE_UP, WORKERS_ALIVE
from serving.telemetry.tally import Tally


def test_metrics_are_told_to_a_key_of_their_scope_alone(service: Service) -> None:
    assert service.client.get("/metrics").status_code == 401
    assert service.client.get("/metrics", headers=service.headers("read")).status_code == 403
    answer = service.client.get("/metrics", headers=service.headers("metrics"))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert {metric.name.removesuffix("_total") for metric in METRICS} == set(families)
    [model] = families["leadlens_model_info"].samples
    assert model.labels == {"program": "server", "name": "leadlens", "version": "7", "rung": "model"}
    said = {sample.name: sample.value for family in families.values() for sample in family.samples}
    assert said["leadlens_ready"] == said["leadlens_store_up"] == 1
    assert said["leadlens_stale_leads"] >= 0
    assert 0 < said["leadlens_home_free_bytes"] <= said["leadlens_home_size_bytes"]


def test_openmetrics_is_answered_to_who_asks_for_it(service: Service) -> None:
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
    answer = service.client.get("/metrics", headers={**service.headers("metrics"), **accept})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


def test_each_request_is_counted_by_its_route_and_never_by_its_path(service: Service) -> None:
    def counted() -> float:
        text = service.client.get("/metrics", headers=service.headers("metrics")).text
        assert "jane" not in text
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == "leadlens_requests_total" and sample.labels["route"] == "/v1/leads/{id}"
        )

    before = counted()
    assert service.client.get("/v1/leads/jane", headers=service.headers("read")).status_code == 404
    assert counted() == before + 1


def test_conditions_of_the_board_are_told(service: Service) -> None:
    service.parts.board.tell("registry", "degraded", "It is away.")
    text = service.client.get("/metrics", headers=service.headers("metrics")).text
    assert 'leadlens_condition_level{part="registry",program="server"} 1.0' in text
    service.parts.board.tell("registry", "ok")


def said_by(figures: WaitingFigures) -> dict[str, float]:
    tally = Tally()
    figures.say(tally)
    return {name: value for (name, _), value in tally.said.items()}


def test_a_store_that_cannot_be_read_is_said_and_asked_again_when_it_is_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = WaitingFigures(store, utc_now)
    store.write(lambda connection: note_worker(connection, "w", utc_now()))
    assert said_by(figures) | {STALE.name: 0, WORKERS_ALIVE.name: 1, STORE_UP.name: 1} == said_by(figures)
    store.write(lambda connection: connection.execute(sa.text("ALTER TABLE workers RENAME TO gone")))
    assert said_by(figures)[STORE_UP.name] == 1  # what was said a moment ago is repeated
    monkeypatch.setattr(waiting_figures, "FRESH_SECONDS", 0.0)
    assert said_by(figures) == {STORE_UP.name: 0}
    store.write(lambda connection: connection.execute(sa.text("ALTER TABLE gone RENAME TO workers")))
    assert said_by(figures)[WORKERS_ALIVE.name] == 1


def test_a_store_that_hangs_keeps_the_metrics_waiting_for_a_moment_only(
    postgres_server: Postgres, empty_store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_figures, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(waiting_figures, "FRESH_SECONDS", 0.0)
    store = open_store(tmp_path, postgres_server.database(like=empty_store))
    figures = WaitingFigures(store, utc_now)
    with store.engine.begin() as holding:
        holding.execute(sa.text("LOCK TABLE stale_leads IN ACCESS EXCLUSIVE MODE"))
        began = time.monotonic()
        assert [said_by(figures) for _ in range(3)] == 3 * [{STORE_UP.name: 0}]
        assert time.monotonic() - began < 5
    assert said_by(figures)[STORE_UP.name] == 1
    store.close()
