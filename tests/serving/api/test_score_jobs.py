"""Score jobs over HTTP; what scores the files is tested where it is."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from service_here import NOW, Service

from serving.jobs.job_files import JobFiles
from serving.jobs.job_store import claim_job, finish_job
from serving.wire.problems import named_problem

Ask = Callable[..., Any]
CSV = b"lead_id,created_at,employees\nJ-1,2026-11-02,420\n"
UPLOAD = {"Content-Type": "text/csv"}


def made(ask: Ask, path: str = "/score-jobs", **sent: Any) -> Any:
    return ask("POST", path, scope="score", **({"content": CSV, "headers": UPLOAD} | sent))


def test_a_file_that_is_sent_waits_in_its_jobs_folder(ask: Ask, service: Service) -> None:
    answer = made(ask, "/score-jobs?as_of=2026-11-20")
    assert answer.status_code == 201
    job = answer.json()
    assert answer.headers["location"] == f"/v1/score-jobs/{job['id']}"
    assert (job["state"], job["as_of"], job["result"]) == ("waiting", "2026-11-20T23:59:59.999999Z", "csv")
    home = service.parts.settings.home
    file = JobFiles(home).folder(job["id"]) / "input.csv"
    assert file.read_bytes() == CSV
    assert file.stat().st_mode & 0o777 == 0o600
    assert list((home / "uploads").iterdir()) == []
    assert ask("GET", f"/score-jobs/{job['id']}", scope="score").json() == job


def test_a_moment_beside_a_body_of_json_is_refused_rather_than_dropped(ask: Ask) -> None:
    sent = {"json": {"path": "x.csv"}, "content": None, "headers": {}}
    answer = made(ask, "/score-jobs?as_of=2026-11-20", **sent)
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["field"], error["remedy"]) == (422, "?as_of", "Send as_of in the body.")


def test_a_result_is_fetched_once_the_job_is_done(ask: Ask, service: Service) -> None:
    parts = service.parts
    job_id = made(ask).json()["id"]
    early = ask("GET", f"/score-jobs/{job_id}/result", scope="score")
    assert (early.status_code, early.json()["type"]) == (409, "urn:leadlens:problem:not-finished")
    assert ask("GET", f"/score-jobs/{job_id}/rejects", scope="score").status_code == 409
    while (job := claim_job(parts.store, "test", NOW, 1_000_000)) is not None:
        JobFiles(parts.settings.home).result(job).write_bytes(b"lead_id,score\nJ-1,82\n")
        JobFiles(parts.settings.home).rejects(job).write_bytes(b"row,column,found,reason\n")
        parts.store.write(lambda connection, job=job: finish_job(connection, job, "test", NOW))
    done = ask("GET", f"/score-jobs/{job_id}/result", scope="score", headers={"Range": "bytes=0-3"})
    assert (done.status_code, done.content) == (200, b"lead_id,score\nJ-1,82\n")
    assert done.headers["content-type"].startswith("text/csv")
    assert job_id in done.headers["content-disposition"]
    rejects = ask("GET", f"/score-jobs/{job_id}/rejects", scope="score")
    assert (rejects.status_code, rejects.content) == (200, b"row,column,found,reason\n")
    assert rejects.headers["content-type"].startswith("text/csv")


def test_a_job_that_failed_has_no_result_and_says_where_it_is_told_why(ask: Ask, service: Service) -> None:
    store = service.parts.store
    job_id = made(ask).json()["id"]
    problem = named_problem("too-large", "The file is too large.")
    while (job := claim_job(store, "test", NOW, 1_000_000)) is not None:
        store.write(lambda connection, job=job: finish_job(connection, job, "test", NOW, problem=problem))
    for what in ("result", "rejects"):
        refused = ask("GET", f"/score-jobs/{job_id}/{what}", scope="score").json()
        assert (refused["status"], refused["type"]) == (409, "urn:leadlens:problem:no-result")
        assert "GET /v1/score-jobs/{id} says why" in refused["detail"]
    assert ask("GET", f"/score-jobs/{job_id}", scope="score").json()["problem"]["detail"] == problem.detail


def test_a_job_is_cancelled(ask: Ask) -> None:
    job_id = made(ask).json()["id"]
    assert ask("DELETE", f"/score-jobs/{job_id}", scope="score").json()["state"] == "cancelled"
    for what in ("result", "rejects"):
        refused = ask("GET", f"/score-jobs/{job_id}/{what}", scope="score")
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:leadlens:problem:no-result")
        assert refused.json()["detail"] == "The job was cancelled."
    assert ask("DELETE", "/score-jobs/none", scope="score").status_code == 404


def test_a_key_sees_its_own_jobs_alone(ask: Ask, service: Service) -> None:
    job_id = made(ask).json()["id"]
    _, text = service.ring.create("other", ["score"])
    theirs = {"Authorization": f"Bearer {text}"}
    for method, path in (("GET", ""), ("GET", "/result"), ("GET", "/rejects"), ("DELETE", "")):
        assert ask(method, f"/score-jobs/{job_id}{path}", headers=theirs).status_code == 404
    assert ask("GET", "/score-jobs", headers=theirs).json() == {"jobs": [], "next": None}
    assert ask("GET", f"/score-jobs/{job_id}", scope="admin").status_code == 200


def test_a_key_goes_on_with_the_jobs_of_those_it_was_rotated_from(ask: Ask, service: Service) -> None:
    key, old = service.ring.create("the CRM", ["score"])
    before = {"Authorization": f"Bearer {old}"}
    job_id = made(ask, headers={**UPLOAD, **before}).json()["id"]
    rotated = service.ring.rotate(key.id, 1_000_000)
    assert rotated is not None
    after = {"Authorization": f"Bearer {rotated[1]}"}
    assert [job["id"] for job in ask("GET", "/score-jobs", headers=after).json()["jobs"]] == [job_id]
    newer = made(ask, headers={**UPLOAD, **after}).json()["id"]
    assert ask("DELETE", f"/score-jobs/{job_id}", headers=after).json()["state"] == "cancelled"
    assert ask("GET", f"/score-jobs/{newer}", headers=before).status_code == 200  # while it goes on


def test_jobs_are_listed_page_by_page(ask: Ask) -> None:
    ids = {made(ask).json()["id"] for _ in range(3)}
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        page = ask("GET", f"/score-jobs?limit=2{cursor}", scope="score").json()
        found += [job["id"] for job in page["jobs"]]
        cursor = None if page["next"] is None else f"&cursor={page['next']}"
    assert len(found) == len(set(found))
    assert ids <= set(found)
    for said in ("x", "%00", "", "0" * 32):
        assert ask("GET", f"/score-jobs?cursor={said}", scope="score").status_code == 422


@pytest.mark.parametrize("path", ["x.csv", "../x.csv", "/etc/passwd", "a\0.csv", ""])
def test_a_path_is_refused_where_no_folder_is_open(ask: Ask, path: str) -> None:
    answer = made(ask, json={"path": path}, content=None, headers={})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "path")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": ""}, 415),
        ({"Content-Type": "text/csv; charset=latin-1"}, 415),
        ({"Content-Type": "text/csv", "Content-Encoding": "gzip"}, 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
    ],
)
def test_a_file_is_csv_or_parquet_as_it_is(ask: Ask, headers: dict[str, str], status: int) -> None:
    assert made(ask, headers=headers).status_code == status


@pytest.mark.parametrize(
    "kind", ["text/plain", "text/csv; charset=latin-1", "multipart/form-data; boundary=x"]
)
def test_a_body_of_another_type_is_told_all_that_may_be_sent(ask: Ask, kind: str) -> None:
    [fault] = made(ask, headers={"Content-Type": kind}).json()["errors"]
    assert fault["expected"] == "application/json, text/csv, application/vnd.apache.parquet"
    assert "--data-binary" in str(fault)


def test_an_empty_file_is_refused(ask: Ask, service: Service) -> None:
    answer = made(ask, content=b"")
    assert (answer.status_code, answer.json()["errors"][0]["found"]) == (400, "an empty body")
    assert list((service.parts.settings.home / "uploads").iterdir()) == []


def test_a_file_that_is_too_large_is_refused_and_not_kept(ask: Ask, service: Service) -> None:
    limit = service.parts.settings.upload_limit_bytes

    def pieces() -> Iterator[bytes]:
        for _ in range(limit // 65_536 + 1):
            yield b"x" * 65_536

    announced = made(ask, content=b"x" * (limit + 1))
    streamed = made(ask, content=pieces())
    assert [announced.status_code, streamed.status_code] == [413, 413]
    assert list((service.parts.settings.home / "uploads").iterdir()) == []
