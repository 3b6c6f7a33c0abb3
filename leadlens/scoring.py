"""Leads through the scorer into a file: the same path that a request takes, many leads at a time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from features.cluster import Local
from features.errors import RefusedError
from features.own_processes import in_processes
from features.processors import usable_processors
from leadlens.score_faults import Findings, rejected_rows
from leadlens.score_files import write_scores
from leadlens.score_merging import merged
from leadlens.score_parts import score_part
from models.sent import SentScorer

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    import pandas as pd
    import pyarrow as pa

    from features.cluster import Engine
    from features.mapping import Mapping
    from features.own_processes import Tell
    from leadlens.score_columns import ScoredRows
    from leadlens.score_kept import KeptParts, Summary
    from leadlens.score_sources import Loadable
    from models.artifact import AnyScorer


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """How the work is done: by processes of this machine, or on a cluster. `tell` hears of the leads.

    `workers`: how many processes; None is this one alone for few leads, else one a processor, or `most`. With
    `apart` this process never does the work of many leads itself: it has others to answer.
    """

    workers: int | None = None
    most: int | None = None
    apart: bool = False
    on: Engine | None = None
    tell: Tell = lambda _: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """`rows`: so many scores were written; `rejects`: as of what could not be read."""

    rows: int
    rejects: pd.DataFrame
    rejected_rows: int
    warnings: Counter[str]


def score_here(
    part: Loadable,
    scorer: AnyScorer,
    as_of: datetime,
    out: Path,
    found: Findings,
    *,
    skip_bad_rows: bool,
    tell: Tell = lambda _: None,
) -> Scored:
    """Score leads at one moment in this process, and write their scores while they come.

    Raises InputError where a row cannot be scored, unless such rows are to be skipped: then there is no file.
    """

    def rows() -> Iterator[pa.RecordBatch]:
        for some in score_part(part.load(as_of, scorer.mapping), scorer, tell):
            found.add(some.faults, some.warnings)
            yield some.batch
        if not skip_bad_rows:
            found.refuse()

    return _scored(write_scores(rows(), out), found)


def score_in_parts(
    parts: Sequence[Loadable],
    scorer: AnyScorer,
    as_of: datetime,
    out: Path,
    found: Findings,
    kept: KeptParts,
    *,
    skip_bad_rows: bool,
    work: Work,
) -> Scored:
    """Score parts that are not kept yet, keep them, and write them all in the order of the file.

    How leads are parted moves no score: the file is the same, to the byte, wherever the parts were scored and
    however often the work was begun. Raises as `score_here` does.
    """
    whole = {part.number: summary for part in parts if (summary := kept.summary(part.number)) is not None}
    for summary in whole.values():
        work.tell(summary.rows)
    to_do = [part for part in parts if part.number not in whole]
    summaries = [*whole.values(), *_kept(to_do, _How(scorer, as_of, kept), work)]
    for summary in summaries:
        found.add(summary.faults, summary.warnings)
    if not skip_bad_rows:
        found.refuse()
    return _scored(write_scores(merged([kept.batches(part.number) for part in parts]), out), found)


@dataclass(frozen=True, slots=True)
class _How:
    """What all parts share."""

    scorer: AnyScorer | SentScorer
    as_of: datetime
    kept: KeptParts

    def sent(self) -> _How:
        return _How(SentScorer.of(cast("AnyScorer", self.scorer)), self.as_of, self.kept)


def _kept(parts: Sequence[Loadable], how: _How, work: Work) -> Iterable[Summary]:
    """Score parts and keep them, here, in processes of this machine or on a cluster."""
    if work.on is not None and not isinstance(work.on, Local):
        # A cluster need not see the folder of the output: it sends the scores, and they are kept here.
        scored = work.on.each(_scored_there, parts, how.sent())
        for part, rows in zip(parts, scored, strict=True):
            summary = how.kept.keep(part.number, rows)
            work.tell(summary.rows)
            yield summary
        return
    workers = min(work.workers or work.most or usable_processors(), len(parts))
    if workers < 2 and not work.apart:
        for part in parts:
            yield _keep(part, how, work.tell)
    else:
        yield from in_processes(_keep, parts, how.sent(), workers=workers, tell=work.tell)


def _keep(part: Loadable, how: _How, tell: Tell) -> Summary:
    return how.kept.keep(part.number, _rows(part, how, tell))


def _scored_there(part: Loadable, how: _How) -> list[ScoredRows]:
    return list(_rows(part, how, lambda _: None))


def _rows(part: Loadable, how: _How, tell: Tell) -> Iterator[ScoredRows]:
    scorer = how.scorer.scorer() if isinstance(how.scorer, SentScorer) else how.scorer
    return score_part(part.load(how.as_of, scorer.mapping), scorer, tell)


def _scored(rows: int, found: Findings) -> Scored:
    rejects = found.rejects()
    return Scored(rows=rows, rejects=rejects, rejected_rows=rejected_rows(rejects), warnings=found.warnings)


def refuse_another_mapping(prepared: Mapping, learned: Mapping) -> None:
    """Raise RefusedError where cells and events were read by other rules than those of the model."""
    theirs, ours = (json.loads(mapping.frozen()) for mapping in (prepared, learned))
    for section in ("leads", "events", "changes", "accounts"):
        then, now = (_meaning(content.get(section)) for content in (theirs, ours))
        if then != now:
            keys = sorted(key for key in then.keys() | now.keys() if then.get(key) != now.get(key))
            raise RefusedError(
                f"The history was prepared with another [{section}] section than the model was trained with "
                f"({', '.join(keys)}). Prepare it again with the model's mapping, or train on this one."
            )


def _meaning(section: Any) -> dict[str, Any]:
    """Return the settings of a section, or of several of one name, that say how rows are understood."""
    if isinstance(section, list):
        return {str(number): _meaning(one) for number, one in enumerate(section)}
    return {key: value for key, value in (section or {}).items() if key not in _OF_NO_MEANING}


_OF_NO_MEANING = frozenset({"source", "path", "url", "query", "encoding", "delimiter", "exclude"})
"""Where a table came from, and columns that the model takes no notice of anyhow."""
