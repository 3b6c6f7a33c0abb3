"""`leadlens worker`: the work that waits, put together and done."""

from __future__ import annotations

import gc
import logging
import os
import signal
import threading
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadlens.options import HOME, Home, SettingsFile

if TYPE_CHECKING:
    from serving.jobs.score_jobs import FileScored, FileToScore
    from serving.jobs.worker import Worker
    from serving.scoring.champion import Champion, LoadScorer
    from serving.settings import Settings
    from serving.store.database import Store

AGAIN_SECONDS = 1.0


def worker(
    home: Home = HOME,
    policy: Annotated[
        Path | None, typer.Option(help="The policy file. Default: policy.toml in the home.")
    ] = None,
    settings: SettingsFile = None,
) -> None:
    """Do the work that waits until stopped: score stored leads again, score files, seal the ledger.

    `leadlens serve` starts one by itself. Start more beside it, or start them elsewhere with the same store.

    \b
    Example:
      leadlens worker
    """
    from serving.processes import told_to_stop
    from serving.settings import settings_from

    with told_to_stop() as stop:
        work(settings_from(os.environ, settings_file=settings, home=home, policy=policy), stop)


def work_beside(settings: Settings, load: LoadScorer | None = None) -> None:
    """Work as the child of a server, until it says so or is gone."""
    from serving.processes import stop_with_parent, told_to_stop

    with told_to_stop() as stop:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the server too, which then says so
        stop_with_parent(stop.set)
        work(settings, stop, load)


def work(settings: Settings, stop: threading.Event, load: LoadScorer | None = None) -> None:
    """Work until `stop` is set, and finish what is under way. `load`: how a champion is loaded.

    Raises InputError where the store or the policy cannot be used, RefusedError while a backup is restored.
    """
    from serving.logs import configure_logs
    from serving.scoring.champion import load_local
    from serving.store.in_use import in_use

    configure_logs(settings, "worker")
    with in_use(settings.home, settings.store_url):
        store = _opened(settings, stop)
        if store is not None:
            _work(settings, store, stop, load or load_local)
            store.close()
    logging.getLogger("leadlens.worker").info("stopped, as it was told to")


def _opened(settings: Settings, stop: threading.Event) -> Store | None:
    """Return the store once it can be reached, None where the worker is told to stop before."""
    from serving.store.database import UnreachableError, open_store

    is_said = False
    while not stop.is_set():
        try:
            return open_store(settings.home, settings.store_url)
        except UnreachableError as problem:
            if not is_said:
                logging.getLogger("leadlens.worker").warning("The store is waited for: %s", problem)
            is_said = True
            stop.wait(AGAIN_SECONDS)
    return None


def _work(settings: Settings, store: Store, stop: threading.Event, load: LoadScorer) -> None:
    from serving.clock import utc_now
    from serving.conditions import Board
    from serving.jobs.worker import new_name
    from serving.jobs.workers import forget_worker
    from serving.policies.following import PolicyInForce
    from serving.scoring.champion import Champion
    from serving.scoring.champion_figures import champion_figures
    from serving.store.database import StoreBusyError
    from serving.telemetry.telemetry import Telemetry

    board = Board(settings.home, f"worker {os.getpid()}", utc_now)
    policies = PolicyInForce(settings, store, utc_now)
    policies.follow()
    champion = Champion(settings, policies, load, board=board)
    champion.answerer()
    champion.follow()
    telemetry = Telemetry(settings, "worker")
    telemetry.ask(champion_figures(champion, telemetry))
    gc.collect()
    gc.freeze()  # as in the service: what was imported stays for good, and is walked no more
    who = new_name()
    workers = (_of_leads(settings, store, champion, who), _of_files(settings, store, champion, stop))
    threads = [threading.Thread(target=one.run, args=(stop,)) for one in workers]
    with telemetry.running():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with suppress(StoreBusyError):  # then it is missed for a while, and forgotten after a day
        store.write(lambda connection: forget_worker(connection, who))


def _of_leads(settings: Settings, store: Store, champion: Champion, who: str) -> Worker:
    """Return the worker that no file keeps waiting."""
    from serving.clock import utc_now
    from serving.jobs.assigning import Assigning
    from serving.jobs.checkpointing import Checkpointing
    from serving.jobs.clocks import Clocks
    from serving.jobs.deciding import Deciding
    from serving.jobs.heartbeat import Heartbeat
    from serving.jobs.job_clearing import JobClearing
    from serving.jobs.job_files import JobFiles
    from serving.jobs.rescoring import Rescoring
    from serving.jobs.retaining import Retaining
    from serving.jobs.sealing import Sealing
    from serving.jobs.sweeping import Sweeping
    from serving.jobs.worker import Worker
    from serving.ledger.chain import seal
    from serving.scoring.recording import Recorder
    from serving.selling.clocks.timer_acts import TimerActs

    files = JobFiles(settings.home, settings.jobs_folder)
    acts = TimerActs(lambda: champion.policy).acts
    return Worker(
        [
            Heartbeat(store, who),
            Rescoring(store, Recorder(store, champion), champion, utc_now, who),
            Sweeping(store, champion, settings.rescore_after_hours),
            Deciding(store, lambda: champion.policy),
            Assigning(store, lambda: champion.policy),
            Clocks(store, lambda: champion.policy.clocks, acts),
            Sealing(store, seal),
            Checkpointing(store),
            Retaining(store, settings),
            JobClearing(store, files, settings.job_retention_hours),
        ],
        utc_now,
    )


def _of_files(settings: Settings, store: Store, champion: Champion, stop: threading.Event) -> Worker:
    """Return the worker that scores files."""
    from serving.clock import utc_now
    from serving.jobs.job_files import JobFiles
    from serving.jobs.score_jobs import ScoreJobs
    from serving.jobs.worker import Worker, new_name

    files = JobFiles(settings.home, settings.jobs_folder)
    run = partial(_score_file, champion, settings.job_decoded_limit_bytes)
    return Worker([ScoreJobs(store, files, champion, utc_now, new_name(), run, stop)], utc_now)


def _score_file(champion: Champion, decoded_limit_bytes: int, file: FileToScore) -> FileScored:
    from leadlens.job_scoring import score_file
    from serving.jobs.score_jobs import JobStoppedError

    answerer = champion.answerer()
    if answerer is None:
        raise JobStoppedError("stop")
    return score_file(file, answerer.scorer, decoded_limit_bytes)
