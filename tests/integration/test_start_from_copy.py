"""A server starts from its own copy of the champion: without registry, and without slow libraries."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from small_company import dated_company

from models.artifact import save_scorer
from models.champion import champion_folder, point_to

pytestmark = pytest.mark.slow

SERVER = """
import json, sys
from functools import cache
from pathlib import Path
from starlette.testclient import TestClient
from serving.app.asgi import leadlens_app
from serving.parts import open_parts
from serving.settings import settings_from
parts = cache(lambda: open_parts(settings_from({}, home=Path(sys.argv[1]))))
key = parts().keys.create("k", ["score"])[1]
body = {"lead": {"lead_id": "a", "created_at": "2026-01-01T00:00:00Z", "country": "DE"},
        "events": [{"type": "page_view", "occurred_at": "2026-02-01T00:00:00Z"}],
        "as_of": "2026-03-01T00:00:00Z"}
with TestClient(leadlens_app(parts), base_url="http://127.0.0.1:3000") as client:
    ready = client.get("/readyz").status_code
    scored = client.post("/score", json=body, headers={"Authorization": f"Bearer {key}"})
slow = sorted({"mlflow", "shap", "sklearn", "lightgbm"} & {name for name in sys.modules if sys.modules[name]})
answer = scored.json()
print(json.dumps([ready, scored.status_code, answer["model"]["version"], len(answer["reasons"]), slow]))
"""


def test_a_server_is_ready_without_registry_and_slow_libraries(tmp_path: Path) -> None:
    save_scorer(dated_company().scorer, champion_folder(tmp_path, 3))
    point_to(tmp_path, name="leadlens", version=3)
    away = {"MLFLOW_TRACKING_URI": "http://127.0.0.1:9", "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-c", SERVER, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=away, cwd=tmp_path)
    assert json.loads(done.stdout.splitlines()[-1]) == [200, 200, 3, 6, []]
    shutil.rmtree(tmp_path / "champion" / "prepared")
    anew = subprocess.run(command, capture_output=True, text=True, check=True, env=away, cwd=tmp_path)
    assert json.loads(anew.stdout.splitlines()[-1]) == [200, 200, 3, 6, ["lightgbm"]]
