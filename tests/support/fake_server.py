"""Serves a home with the fake scorer, as `leadlens serve` does with the real one.

Arguments: home, port, and settings such as workers=2. With worker=true a worker runs beside it.
"""

import sys
from functools import partial
from pathlib import Path

from fake_scorer import FakeScorer

from leadlens.worker import work_beside
from serving.processes import Program
from serving.run import serve
from serving.settings import settings_from

if __name__ == "__main__":
    more = {"worker": "false"} | dict(word.split("=", 1) for word in sys.argv[3:])
    settings = settings_from({}, home=Path(sys.argv[1]), port=sys.argv[2], **more)
    worker = Program("worker", partial(work_beside, settings, FakeScorer.load))
    serve(settings, load=FakeScorer.load, beside=[worker] if settings.worker else [])
