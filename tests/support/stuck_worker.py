"""A worker that takes stale leads and never comes to an end. Arguments: home, URL of the store or ''."""

import sys
import threading
from pathlib import Path

from fake_recorder import FakeRecorder
from fake_scorer import FakeScorer

from decisions.policy import Policy
from serving.clock import utc_now
from serving.jobs.rescoring import Rescoring
from serving.jobs.worker import Worker, new_name
from serving.scoring.champion import Champion
from serving.settings import Settings
from serving.store.database import open_store


def _stick() -> None:
    print("taken", flush=True)  # noqa: T201 - the test waits for it
    threading.Event().wait()


if __name__ == "__main__":
    home = Path(sys.argv[1])
    store = open_store(home, sys.argv[2] or None)
    recorder = FakeRecorder(store, meanwhile=_stick)
    champion = Champion(Settings(home=home), Policy(), FakeScorer.load)
    job = Rescoring(store, recorder, champion, utc_now, new_name(), batch_leads=20)
    Worker([job], utc_now).run(threading.Event())
