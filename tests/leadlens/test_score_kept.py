"""Parts that are done are kept whole, for a run with the same inputs and no other."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from features.errors import Fault, InputError, RefusedError
from leadlens.score_columns import NUMBERED, ROW, RowFault, ScoredRows
from leadlens.score_kept import Summary, kept_parts

INPUTS = {"model": "leadlens 1", "moment": "2026-01-01"}
FAULT = RowFault(4, "L-4", Fault("employees", "a number", "'many'", "Fix it."))


def some(first: int, rows: int = 3) -> ScoredRows:
    lines = [{ROW: first + at, "lead_id": f"L-{first + at}", "score": at} for at in range(rows)]
    batch = pa.RecordBatch.from_pylist(lines, NUMBERED)
    return ScoredRows(batch, (FAULT,), Counter({"Column 'x' was ignored.": rows}))


class Killed(BaseException):
    """Stands for what no run survives."""


def interrupted(folder: Path, inputs: dict[str, str], parts: int) -> None:
    def run() -> None:
        with kept_parts(folder, inputs) as (kept, _):
            for number in range(parts):
                kept.keep(number, [some(10 * number), some(10 * number + 3)])
            raise Killed

    with pytest.raises(Killed):
        run()


def test_what_was_kept_comes_back_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / ".s.csv.parts"
    interrupted(folder, INPUTS, 2)
    with kept_parts(folder, INPUTS) as (kept, said):
        assert said is not None
        assert said.startswith("going on")
        warnings = Counter({"Column 'x' was ignored.": 6})
        assert kept.summary(1) == Summary(6, (FAULT, FAULT), warnings)
        assert kept.summary(2) is None
        rows = [row for batch in kept.batches(1) for row in batch.column(ROW).to_pylist()]
        assert rows == [10, 11, 12, 13, 14, 15]
    assert not folder.exists()


@pytest.mark.parametrize("what", ["shorter", "altered", "gone", "no summary", "half a summary"])
def test_a_part_that_is_not_as_it_was_written_is_none(tmp_path: Path, what: str) -> None:
    folder = tmp_path / ".s.csv.parts"
    interrupted(folder, INPUTS, 1)
    [part], [told] = list(folder.glob("*-0000.arrow")), list(folder.glob("*-0000.json"))
    content = bytearray(part.read_bytes())
    if what == "shorter":
        part.write_bytes(content[:-1])
    elif what == "altered":
        content[len(content) // 2] ^= 1
        part.write_bytes(content)
    elif what == "gone":
        part.unlink()
    elif what == "no summary":
        told.unlink()
    else:
        told.write_text(told.read_text()[:20])
    with kept_parts(folder, INPUTS) as (kept, _):
        assert kept.summary(0) is None


def test_other_inputs_begin_anew_and_the_difference_is_said(tmp_path: Path) -> None:
    folder = tmp_path / ".s.csv.parts"
    interrupted(folder, INPUTS, 1)
    with kept_parts(folder, INPUTS | {"model": "leadlens 2"}) as (kept, said):
        assert said == "begun anew: the run that was not finished had another model"
        assert kept.summary(0) is None
        assert not list(folder.glob("*.arrow"))


def test_again_leaves_out_what_there_is(tmp_path: Path) -> None:
    folder = tmp_path / ".s.csv.parts"
    interrupted(folder, INPUTS, 1)
    with kept_parts(folder, INPUTS, again=True) as (kept, said):
        assert said is not None
        assert "--again" in said
        assert kept.summary(0) is None


def test_the_parts_of_one_moment_are_none_of_another(tmp_path: Path) -> None:
    with kept_parts(tmp_path / ".s.csv.parts", INPUTS) as (kept, said):
        assert said is None
        early, late = (kept.at(datetime(2026, 1, day, tzinfo=UTC)) for day in (1, 2))
        early.keep(0, [some(0)])
        assert early.summary(0) is not None
        assert late.summary(0) is None


def test_a_second_run_is_refused_while_one_works(tmp_path: Path) -> None:
    folder = tmp_path / ".s.csv.parts"
    with (
        kept_parts(folder, INPUTS),
        pytest.raises(RefusedError, match="Another run is scoring"),
        kept_parts(folder, INPUTS),
    ):
        pass
    assert not folder.exists()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("x")
    with (
        pytest.raises(InputError, match="found something else"),
        kept_parts(tmp_path / "mine", INPUTS),
    ):
        pass
    assert (tmp_path / "mine" / "notes.txt").exists()


def test_what_cannot_be_used_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / ".s.csv.parts"

    def run() -> None:
        with kept_parts(folder, INPUTS) as (kept, _):
            kept.keep(0, [some(0)])
            raise InputError(Fault("x", "one thing", "another"))

    with pytest.raises(InputError, match="expected one thing"):
        run()
    assert not folder.exists()
