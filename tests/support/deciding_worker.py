"""Decides on stale leads until none is. Arguments: home, folder of the store, its URL or '', the moment."""

import sys
from pathlib import Path

from fake_scorer import FakeScorer

from decisions.policy import Policy
from serving.jobs.rescoring import Rescoring
from serving.jobs.worker import new_name
from serving.scoring.champion import Champion
from serving.scoring.recording import Recorder
from serving.settings import Settings
from serving.store.database import open_store

if __name__ == "__main__":
    home, folder, url, moment = sys.argv[1:]
    store, now = open_store(Path(folder), url or None), int(moment)
    champion = Champion(Settings(home=Path(home)), Policy(), FakeScorer.load)
    job = Rescoring(store, Recorder(store, champion), champion, lambda: now, new_name(), batch_leads=10)
    champion.answerer()
    print("working", flush=True)  # noqa: T201 - the test waits for it
    while job.step(now):
        pass
