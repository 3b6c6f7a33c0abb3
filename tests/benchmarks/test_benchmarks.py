"""The benchmarks run, at a size of seconds, and those that are compared count alike."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest


def output_of(root: Path, *arguments: str) -> tuple[int, str]:
    """Return the exit code and the output of a benchmark."""
    command = [sys.executable, *arguments]
    # Nothing is promoted here: nobody has to look for it.
    environment = {**os.environ, "PYTHONPATH": str(root), "LEADLENS_FOLLOW": "false"}
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=240
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout


@pytest.mark.skipif(find_spec("polars") is None, reason="polars is for development alone")
def test_polars_and_duckdb_give_the_values_that_we_give(root: Path) -> None:
    program = (
        "import sys, tempfile; sys.path.insert(0, 'benchmarks')\n"
        "from pathlib import Path\n"
        "from bench_features import largest_gap\n"
        "from made_events import SPEC, write_history\n"
        "with tempfile.TemporaryDirectory() as made:\n"
        "    write_history(Path(made), 100, bucket_size=50)\n"
        "    print(largest_gap(Path(made), SPEC.names))\n"
    )
    code, said = output_of(root, "-c", program)
    assert code == 0
    assert 0.0 <= float(said) < 1e-9


def test_one_lead_is_timed_beside_pandas(root: Path) -> None:
    _, said = output_of(root, "benchmarks/bench_one_lead.py", "--calls", "40")
    assert "1 lead, 50 events, 15 cells (generated)" in said
    assert "of the promised 300 us" in said


def test_contributions_are_timed_beside_those_of_lightgbm_and_shap(root: Path) -> None:
    sizes = ("--rows", "1", "40", "--shapes", "1", "--trees", "3", "--seconds", "0.01", "--without-making")
    _, said = output_of(root, "benchmarks/bench_contributions.py", *sizes)
    assert "150 trees x 15 leaves, depth 5: 3 trees" in said
    assert "another row each time" in said
    (off,) = [line for line in said.splitlines() if line.startswith("largest difference")]
    assert float(off.split()[2]) <= 1e-9


def test_the_five_largest_reasons_of_rows_are_timed_beside_margins(root: Path) -> None:
    _, said = output_of(root, "benchmarks/bench_reasons.py", "--rows", "500", "--trees", "3")
    assert "500 rows, 3 trees, 60 features in 24 groups, 2 threads" in said
    assert "the answers are those of a few rows alone: yes" in said
    assert "of the promised 60 s" in said


def test_the_cost_of_a_million_events_is_printed_for_each_size(root: Path) -> None:
    _, said = output_of(
        root,
        "benchmarks/bench_linear.py",
        "--millions",
        "1",
        "2",
        "--leads-a-million",
        "100",
        "--repeats",
        "1",
    )
    assert [line.split()[0] for line in said.splitlines()[1:3]] == ["2,000", "4,000"]
    assert "the peak is" in said


@pytest.mark.slow
def test_events_are_taken_in_beside_raw_inserts_and_scores_see_them(root: Path) -> None:
    sizes = ("--seconds", "0.5", "--clients", "1", "--workers", "1", "--leads", "40", "--looks", "3")
    _, said = output_of(root, "benchmarks/bench_ingest.py", *sizes)
    assert "100 a request, 1 clients: p50" in said
    assert "(3 requests); 0 did not see it" in said
    assert "of raw sqlite3's" in said
    assert "of the promised 5,000 events/s" in said


@pytest.mark.slow
def test_a_large_store_is_listed_scored_and_written_to(root: Path, tmp_path: Path) -> None:
    sizes = ("--folder", str(tmp_path / "home"), "--leads", "300", "--requests", "5", "--deep", "2")
    _, said = output_of(root, "benchmarks/bench_store.py", *sizes)
    assert "300 leads, " in said
    assert said.count("\nlist ") == 27
    assert "score, recorded before  p50" in said
    assert "POST one event" in said
    assert "of the promised 20 ms" in said


def test_pages_of_leads_are_timed_for_every_filter_and_order(root: Path) -> None:
    # Whether the promise is kept is for a machine that does nothing else.
    _, said = output_of(root, "benchmarks/bench_listing.py", "--leads", "2000", "--pages", "1")
    assert "2,000 leads (generated), sqlite" in said
    assert "of the promised 100 ms" in said


def test_the_stages_of_fitting_are_timed_beside_lightgbm_alone(root: Path) -> None:
    sizes = ("--rows", "2000", "--features", "9", "--folds", "2")
    _, said = output_of(root, "benchmarks/bench_fitting.py", *sizes)
    for stage in (
        "binning, once",
        "number of trees",
        "fold models",
        "calibration",
        "final model",
        "what else",
    ):
        assert f"\n  {stage}" in said
    assert "of (folds + 1) x lightgbm.train (promised 1.3)" in said
