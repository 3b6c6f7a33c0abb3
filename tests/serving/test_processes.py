"""The service as it really runs: a process, its signals, its log, its imports."""

import json
import signal
import socket
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ports import free_port
from served import ROOT, Served, fake_server, put_champion, put_leads, served
from small_company import dated_company
from waiting import until

from decisions.policy import Policy
from features.errors import InputError
from models.artifact import save_scorer
from models.champion import champion_folder, point_to
from serving.run import ADMIN_KEY, create_key, serve
from serving.scoring.answers import REASONS_SHOWN, Answerer
from serving.scoring.champion import load_local
from serving.scoring.requests import RequestReader
from serving.settings import settings_from
from serving.wire.encoding import to_json

MARK = "jane.doe-7f3a@example.org"
LEAD = {"lead_id": "L-1042", "created_at": "2026-11-02T08:00:00Z", "employees": "420"}
BODY = {"lead": LEAD, "as_of": "2026-11-21T09:30:00Z"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("process") / "home"
    put_champion(home)
    put_leads(home)
    return home


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Served]:
    port = free_port()
    with served(fake_server(home, port), home.parent, port) as server:
        yield server


@pytest.fixture
def key(server: Served, home: Path) -> str:
    assert server.process.poll() is None
    return (home / ADMIN_KEY).read_text().strip()


def test_it_says_where_it_listens_and_where_the_first_key_is(server: Served, home: Path) -> None:
    assert f"LeadLens listens on {server.address}\n" in server.log
    assert str(home / ADMIN_KEY) in server.log
    assert (home / ADMIN_KEY).read_text().strip() not in server.log


def test_it_is_ready_and_scores(server: Served, key: str) -> None:
    assert server.ask("GET", "/readyz").body == b"ready"
    answer = server.post("/score", BODY, key)
    assert answer.status == 200
    assert json.loads(answer.body)["score"] == 82
    batch = server.post("/score_batch", {"leads": [BODY] * 3}, key)
    assert json.loads(batch.body)["scores"] == [json.loads(answer.body)] * 3


def test_a_thousand_leads_are_a_batch_and_one_more_is_not(server: Served, key: str) -> None:
    assert (
        len(json.loads(server.post("/score_batch", {"leads": [BODY] * 1_000}, key).body)["scores"]) == 1_000
    )
    assert server.post("/score_batch", {"leads": [BODY] * 1_001}, key).status == 422


def test_a_key_made_elsewhere_counts_at_once_and_one_revoked_ends_within_two_seconds(
    server: Served, home: Path
) -> None:
    from serving.run import open_keys

    made, text = create_key(home, "the CRM", ["score"])
    assert server.post("/score", BODY, text).status == 200
    open_keys(home).revoke(made.id)
    ends = time.monotonic() + 2
    while server.post("/score", BODY, text).status != 401:
        assert time.monotonic() < ends


def test_what_is_not_http_or_not_whole_harms_nobody(server: Served, key: str) -> None:
    host, port = "127.0.0.1", int(server.address.rpartition(":")[2])
    head = f"POST /score HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
    head += "Content-Type: application/json\r\n"
    for sent in (
        b"\x00\x01\x02 nonsense\r\n\r\n",
        b"GET / HTTP/9\r\n\r\n",
        head.encode() + b"Content-Length: 500\r\n\r\n{",
        head.encode() + b"Content-Length: -5\r\n\r\n{",
        head.encode() + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"GET /leads/%ff%00%c3 HTTP/1.1\r\nHost: x\r\n\r\n",
    ):
        with socket.create_connection((host, port), timeout=5) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            answer = b"".join(iter(lambda: connection.recv(65_536), b""))
        assert b" 500 " not in answer
    assert server.post("/score", BODY, key).status == 200
    assert "Traceback" not in server.log


def test_the_log_of_a_real_server_holds_no_personal_data(server: Served, key: str) -> None:
    bad: list[Any] = [
        {"lead": {"lead_id": MARK, "created_at": MARK}},
        {"lead": {**LEAD, "employees": MARK}, "events": [{"type": MARK}]},
        {"lead": {**LEAD, "lead_id": MARK}},
        {MARK: MARK},
        f'{{"lead": "{MARK}'.encode(),
    ]
    for body in bad:
        assert server.post("/score", body, key).status in (200, 400, 422)
        whole = body if isinstance(body, bytes) else {"leads": [body]}
        assert server.post("/score_batch", whole, key).status in (200, 400, 422)
    server.ask("GET", f"/leads/{MARK}?{MARK}")
    server.ask("GET", f"/{MARK}", key=key)
    server.ask(
        "POST", "/sign-in", body=f"key={MARK}".encode(), Content_Type="application/x-www-form-urlencoded"
    )
    refused = server.log.count("POST /score 401")
    server.ask("POST", "/score", key=MARK, body=b"{}", Content_Type=MARK)
    # The lines stand in the order of the answers: with this one, all before it are there.
    until(lambda: server.log.count("POST /score 401") > refused, "the line of the last request")
    assert "POST /score 422" in server.log
    assert MARK not in server.log
    assert "jane" not in server.log
    assert key not in server.log
    assert "Traceback" not in server.log


def test_the_files_of_a_home_are_for_its_owner_alone(server: Served, home: Path) -> None:
    assert server.process.poll() is None
    ours = [path for path in home.iterdir() if path.is_file()]
    assert {path.name for path in ours} >= {"leadlens.db", ADMIN_KEY, "session-secret"}
    assert not [path for path in ours if stat.S_IMODE(path.stat().st_mode) & 0o077]


def test_without_a_champion_it_is_live_and_says_what_to_do_and_with_one_it_is_ready_until_told_to_stop(
    tmp_path: Path,
) -> None:
    port = free_port()
    with served(fake_server(tmp_path, port), tmp_path, port) as server:
        key = (tmp_path / ADMIN_KEY).read_text().strip()
        unready = server.ask("GET", "/readyz")
        assert (unready.status, unready.body) == (503, b"unready")
        answer = server.post("/score", BODY, key)
        assert answer.status == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert "leadlens promote" in json.loads(answer.body)["detail"]
        put_champion(tmp_path)
        until(lambda: server.ask("GET", "/readyz").body == b"ready", "the champion that was put there")
        assert server.post("/score", BODY, key).status == 200
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(15) in (0, -signal.SIGTERM)
        assert "Traceback" not in server.log
        assert server.log.count("leadlens.service: stopped, as it was told to\n") == 1


@pytest.mark.parametrize("trusted", ["", "127.0.0.1"])
def test_who_sends_a_key_is_told_by_a_proxy_that_is_trusted_alone(tmp_path: Path, trusted: str) -> None:
    port = free_port()
    settings = ("wrong_key_limit_per_minute=3", f"trusted_proxies={trusted}")
    with served(fake_server(tmp_path, port, *settings), tmp_path, port) as server:
        statuses = [
            server.ask("GET", "/v1/leads", key="ll_00000000_x", X_Forwarded_For=address).status
            for address in ("fe80::1%eth0", *(f"192.0.2.{number}" for number in range(9)))
        ]
    assert set(statuses) == ({401} if trusted else {401, 429})
    assert statuses[0] == 401


def test_an_address_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match=f"an address that is free, found 127.0.0.1:{port}"):
            serve(settings_from({}, home=tmp_path, port=port), say=lambda _: None)


def test_a_bad_policy_is_said_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "policy.toml").write_text("score_threshold = 170")
    with pytest.raises(InputError, match=r"policy\.toml, line 1, score_threshold"):
        serve(settings_from({}, home=tmp_path), say=lambda _: None)


def answer_here(home: Path, body: object) -> bytes:
    """The answer by the careful reader and the ordinary functions, without any server."""
    scorer = load_local(home)
    answerer = Answerer(scorer, Policy(), RequestReader(scorer.mapping, event_limit=50, batch_limit=1))
    return to_json(answerer.answer(answerer.reader.read(body, 0), shown=REASONS_SHOWN))


@pytest.mark.slow
def test_bentoml_serves_it_by_its_name(tmp_path: Path) -> None:
    port = free_port()
    home = tmp_path / "home"
    _, text = create_key(home, "the CRM", ["score", "read", "metrics"])
    command = [
        sys.executable,
        "-m",
        "bentoml",
        "serve",
        "serving.service:LeadLens",
        "--port",
        str(port),
        "--host",
        "127.0.0.1",
    ]
    environment = {
        "LEADLENS_HOME": str(home),
        "BENTOML_HOME": str(tmp_path / "bentoml"),
        "BENTOML_DO_NOT_TRACK": "True",
    }
    with served(command, tmp_path, port, **environment) as server:
        assert server.ask("GET", "/livez").body == b"live"
        assert server.ask("GET", "/readyz").body == b"ready"
        assert server.ask("POST", "/score").status == 401
        assert server.post("/score", {"lead": {"lead_id": MARK}}, text).status == 422
        answer = server.post("/score", {"lead": {"lead_id": MARK, "created_at": "2026-06-20"}}, text)
        assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
        assert json.loads(answer.body)["model"] == {"name": "leadlens", "version": 0}
        assert "bentoml" not in str(answer.headers).lower()
        for _ in range(2):  # the key is at hand from the first on
            assert server.post("/score", BODY, text).body == answer_here(home, BODY)
        again = {"leads": [BODY, BODY]}
        one = answer_here(home, BODY)
        assert server.post("/score_batch", again, text).body == b'{"scores":[' + one + b"," + one + b"]}"
        assert server.ask("GET", "/").status == server.ask("GET", "/leads").status == 303
        assert server.ask("GET", f"/leads/{MARK}").status == 303
        assert b'"title":"LeadLens"' in server.ask("GET", "/docs.json", key=text).body
        until(
            lambda: b'route="/score",status="2xx"} 3.0' in server.ask("GET", "/metrics", key=text).body,
            "the figures of the scores",
        )
        until(lambda: "GET /metrics 200" in server.log, "the line of the last request")
        log = server.log
    assert "POST /score 200" in log
    assert MARK not in log
    assert "Traceback" not in log


def test_the_server_needs_neither_registry_nor_explainer() -> None:
    """LightGBM looks for scikit-learn and does without: so nothing of the server may need it."""
    program = """
        import sys

        class Refuse:
            def find_spec(self, name, path=None, target=None):
                if name.partition(".")[0] in {"mlflow", "shap", "sklearn", "training"}:
                    raise ImportError(name)

        sys.meta_path.insert(0, Refuse())
        import models.artifact, serving.run, serving.app.asgi, serving.service
        assert not {"mlflow", "shap", "sklearn", "training"} & set(sys.modules)
        print("done")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout == "done\n", done.stderr


def test_a_champion_is_loaded_without_scikit_learn_which_can_still_be_imported(tmp_path: Path) -> None:
    """LightGBM would import it, which takes longer than all else and keeps the first leads waiting."""
    promoted = tmp_path / "promoted"
    save_scorer(dated_company().scorer, champion_folder(promoted, 3))
    point_to(promoted, name="leadlens", version=3)
    (tmp_path / "new").mkdir()
    program = """
        import sys
        from pathlib import Path
        from serving.scoring.champion import load_local
        assert load_local(Path(sys.argv[1])).version == 0
        assert not {"lightgbm", "sklearn"} & sys.modules.keys()
        assert load_local(Path(sys.argv[2])).version == 3
        assert "sklearn" not in sys.modules
        import sklearn
        print("done")
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(tmp_path / "new"), str(promoted)],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout == "done\n", done.stderr
