"""What the interface says of the service itself."""

from collections.abc import Callable
from typing import Any

from service_here import NOW, Service

from serving.jobs.workers import forget_worker, note_worker

Ask = Callable[..., Any]


def test_the_model_says_what_it_is_and_what_it_understands(ask: Ask) -> None:
    told = ask("GET", "/model").json()
    assert (told["name"], told["version"], told["horizon_days"], told["base_rate"]) == (
        "leadlens",
        7,
        90,
        0.061,
    )
    assert {"name": "employees", "kind": "number"} in told["columns"]
    assert told["event_types"] == ["email_opened", "page_view"]
    assert told["since"].endswith("Z")


def test_health_counts_what_waits(ask: Ask) -> None:
    before = ask("GET", "/health").json()
    ask("PUT", "/leads/H-1", json={"lead": {"created_at": "2026-11-02T08:00:00Z", "employees": 1}})
    waiting = ask("GET", "/health").json()
    assert waiting["store"] == {"kind": "sqlite", "reachable": True}
    assert waiting["champion"] == {"name": "leadlens", "version": 7}
    assert waiting["stale_leads"] == before["stale_leads"] + 1
    assert waiting["oldest_stale_seconds"] >= 0
    assert (waiting["workers"], waiting["worker_seen_seconds"]) == (0, None)
    ask("GET", "/leads/H-1/score", scope="score")
    recorded = ask("GET", "/health").json()
    assert recorded["unsealed_records"] == before["unsealed_records"] + 1
    assert recorded["newest_record_at"] == "2026-11-21T09:30:00Z"


def test_health_tells_that_a_worker_lives_or_since_when_it_is_dead(ask: Ask, service: Service) -> None:
    store = service.parts.store

    def told(ago_seconds: int) -> tuple[int, float]:
        store.write(lambda connection: note_worker(connection, "w", NOW - ago_seconds * 1_000_000))
        health = ask("GET", "/health").json()
        return health["workers"], health["worker_seen_seconds"]

    assert [told(ago) for ago in (3, 30, 31)] == [(1, 3.0), (1, 30.0), (0, 31.0)]
    store.write(lambda connection: forget_worker(connection, "w"))


def test_the_audit_log_is_told_page_by_page(ask: Ask, service: Service) -> None:
    key, _ = service.ring.create("for the log", ["read"])
    service.ring.revoke(key.id)
    first = ask("GET", "/audit-log?limit=1", scope="admin").json()
    [revoked] = first["acts"]
    assert (revoked["act"], revoked["actor"], revoked["about"]) == (
        "key revoked",
        "command line",
        {"key": key.id},
    )
    [made, *_] = ask("GET", f"/audit-log?cursor={first['next']}", scope="admin").json()["acts"]
    assert (made["act"], made["number"]) == ("key created", revoked["number"] - 1)
