"""`POST /score` with reasons and advice, beside a bare echo, `mlflow models serve`, and BentoML with shap.

    python benchmarks/bench_serving.py --seconds 10 --rounds 3

One worker process each, started in turn, on the first processor that this process may use; the load comes
from wrk with 8 connections on the second. LeadLens is sent leads with 20 events (generated, thousands of
them, each at a moment of its own) and answers with reasons and advice; the echo is sent the same and answers
as many bytes; the other two have the same booster, and are sent its vectors: they know neither leads nor
events, and MLflow gives no reasons. Ours and the echo are measured with 32 connections too.

Promised: 40 % of the echo's requests a second; 10 times MLflow's; 50 times BentoML's with shap; the 99th
percentile under 10 ms at half of the most that LeadLens answers. Exit code 1 where a promise is not kept.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scoring_home import Made, Shape, make_home
from served_here import new_key
from served_peers import bentoml_with_shap, echo, mlflow_serve, ours
from wrk_load import Caller, Load

PROMISED = {"a bare Starlette echo": 0.4, "mlflow models serve": 10.0, "BentoML with shap": 50.0}
TOLD = ("the same, no signature",)
"""MLflow at its fastest: a model that knows no names of columns, sent bare numbers; nothing is promised."""

MANY = 32
MANY_OF_OURS, MANY_OF_THE_ECHO = f"LeadLens, {MANY} at once", f"the echo, {MANY} at once"
"""The more requests wait, the more are answered together; nothing is promised of it."""

PROMISED_P99_MS = 10.0
BODIES = 4_000


def main() -> int:
    """Make a home, measure each peer in rounds, and print the ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--trees", type=int, default=150)
    parser.add_argument("--leaves", type=int, default=15)
    parser.add_argument("--only-echo", action="store_true", help="leave MLflow and BentoML out")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        made = make_home(Path(name) / "home", Shape(asked.trees, asked.leaves))
        print(Shape(asked.trees, asked.leaves))
        run = Run(made, asked.seconds, new_key(made.home))
        run.beside_the_echo(asked.rounds)
        half = run.at_half()
        if not asked.only_echo:
            run.beside_the_others(Path(name))
    return run.verdicts(half)


class Run:
    """One run of the benchmark: what was measured so far, by the name of who answered."""

    def __init__(self, made: Made, seconds: float, key: str) -> None:
        cores = sorted(os.sched_getaffinity(0))
        self._server_core, self._load_core = cores[0], cores[-1]
        self._made, self._seconds, self._key = made, seconds, key
        self._bodies = made.bodies(BODIES)
        self._found: dict[str, list[Load]] = {}

    def beside_the_echo(self, rounds: int) -> None:
        """Measure ours and the echo in turn."""
        with ours(self._made.home, self._server_core) as port:
            size = round(self._caller(port).load(self._bodies, 3).answer_bytes)
        sent = np.mean([len(body) for body in self._bodies])
        print(f"{sent:,.0f} bytes are sent, {size:,} answered with their head")
        for _ in range(rounds):
            with ours(self._made.home, self._server_core) as port:
                self._measure("LeadLens", self._caller(port), self._bodies)
                self._measure(MANY_OF_OURS, self._caller(port), self._bodies, connections=MANY)
            with echo(size - ECHO_HEAD_BYTES, self._server_core) as port:
                self._measure("a bare Starlette echo", self._caller(port), self._bodies)
                self._measure(MANY_OF_THE_ECHO, self._caller(port), self._bodies, connections=MANY)

    def at_half(self) -> Load:
        """Measure ours at half of the most that it answered."""
        most = max(one.a_second for one in self._found["LeadLens"])
        with ours(self._made.home, self._server_core) as port:
            caller = self._caller(port)
            caller.load(self._bodies, 3)
            half = caller.load(self._bodies, 3 * self._seconds, connections=32, a_second=most / 2)
        print(f"{'LeadLens at half':22} {half}", flush=True)
        return half

    def beside_the_others(self, folder: Path) -> None:
        """Measure those that are sent vectors."""
        vectors = _as_lists(self._made)
        names = self._made.scorer.spec.names
        split = [{"dataframe_split": {"columns": names, "data": [one]}} for one in vectors]
        with mlflow_serve(self._made, folder, self._server_core, is_signed=True) as port:
            sent = [json.dumps(one).encode() for one in split]
            self._measure("mlflow models serve", self._caller(port, "/invocations"), sent)
        with mlflow_serve(self._made, folder, self._server_core, is_signed=False) as port:
            sent = [json.dumps({"inputs": [one]}).encode() for one in vectors]
            self._measure("the same, no signature", self._caller(port, "/invocations"), sent)
        with bentoml_with_shap(self._made, folder, self._server_core) as port:
            sent = [json.dumps({"vector": one}).encode() for one in vectors]
            self._measure("BentoML with shap", self._caller(port), sent)

    def verdicts(self, half: Load) -> int:
        """Print what was promised and kept; 1 where something was not."""
        best = np.median([one.a_second for one in self._found["LeadLens"]])
        kept = half.p99_ms < PROMISED_P99_MS and not half.failed
        print(
            f"p99 at half the load {half.p99_ms:.2f} ms of the promised {PROMISED_P99_MS:.0f}: {_word(kept)}"
        )
        for name, promised in PROMISED.items():
            if name in self._found:
                ratio = best / np.median([one.a_second for one in self._found[name]])
                kept &= bool(ratio >= promised)
                print(f"{ratio:7.2f} x {name}, {promised:g} promised: {_word(ratio >= promised)}")
        many = [
            np.median([one.a_second for one in self._found[name]])
            for name in (MANY_OF_OURS, MANY_OF_THE_ECHO)
        ]
        print(f"{many[0] / many[1]:7.2f} x a bare Starlette echo with {MANY} connections each")
        for name in TOLD:
            if name in self._found:
                ratio = best / np.median([one.a_second for one in self._found[name]])
                print(f"{ratio:7.2f} x {name}")
        return int(not kept)

    def _caller(self, port: int, path: str = "/score") -> Caller:
        return Caller(port=port, key=self._key, path=path, core=self._load_core)

    def _measure(self, name: str, caller: Caller, bodies: Sequence[bytes], *, connections: int = 8) -> None:
        caller.load(bodies, 3)  # warm
        taken = caller.load(bodies, self._seconds, connections=connections)
        print(f"{name:22} {taken}", flush=True)
        if taken.failed:
            raise SystemExit(f"{name}: {taken.failed} requests failed")
        self._found.setdefault(name, []).append(taken)


ECHO_HEAD_BYTES = 140
"""The status line and headers of the echo's answer: it is as long in all as ours."""


def _word(kept: Any) -> str:
    return "kept" if kept else "NOT kept"


def _as_lists(made: Made) -> list[list[float | None]]:
    rows = made.vectors[:: max(1, len(made.vectors) // 1_000)]
    return [[None if np.isnan(value) else value for value in row] for row in rows.tolist()]


if __name__ == "__main__":
    sys.exit(main())
