"""What a command learns from: files or a prepared history, audited and cut into examples."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from features.errors import Fault, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from features.cluster import Engine, EngineName
    from training.auditing.audit import Audit
    from training.examples import Examples


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What the options of a command name: a mapping with its data, a file of leads, or a prepared history."""

    config: Path | None
    data: Path | None
    leads: Path | None
    lead_id: str | None
    label: str | None
    prepared: Path | None
    home: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Examples without the leaks that were left out, and the audit that found them.

    `kept`: leaks that are learned from because somebody asked for it.
    """

    examples: Examples[Any]
    audit: Audit
    kept: tuple[str, ...]


@contextmanager
def read_examples(
    source: Source,
    keep: Sequence[str],
    engine: EngineName,
    scheduler: str | None,
    report: Callable[[str], None],
) -> Iterator[Read]:
    """Read, audit and cut what a source names; what makes its features stands until the work is done.

    Raises InputError where options contradict one another, or anything in the data cannot be used.
    """
    from features.cluster import engine as chosen_engine

    if source.prepared is not None and (source.config or source.data or source.leads):
        raise InputError(Fault("--prepared", "nothing beside it", "files or a mapping", "Leave one out."))
    if source.prepared is None and engine != "local":
        remedy = "Prepare the history first: leadlens prepare --out FOLDER"
        raise InputError(Fault("--engine dask", "a prepared history (--prepared)", "none", remedy))
    with chosen_engine(engine, scheduler=scheduler) as on:
        if source.prepared is not None:
            audit, left_out, examples = _from_buckets(source.prepared, keep, report, on)
        else:
            audit, left_out, examples = _from_files(source, keep, report)
        kept = tuple(column.name for column in audit.named("leak") if column.name not in left_out)
        yield Read(examples=examples, audit=audit, kept=kept)


def _from_files(
    source: Source, keep: Sequence[str], report: Callable[[str], None]
) -> tuple[Audit, tuple[str, ...], Examples[Any]]:
    """Read and audit what the source names; return the audit, the leaks left out, and the examples."""
    from leadlens.company import company_data
    from leadlens.terminal import say
    from training.auditing.audit import audit_history, without_leaks
    from training.examples import cut_examples

    mapping, tables = company_data(
        config=source.config,
        data=source.data,
        leads=source.leads,
        lead_id=source.lead_id,
        label=source.label,
        home=source.home,
        say=say,
    )
    report("auditing the columns")
    examples = cut_examples(tables, mapping)
    audit = audit_history(tables, mapping, examples)
    left_out = audit.left_out(keep)
    return audit, left_out, cut_examples(tables, without_leaks(mapping, left_out)) if left_out else examples


def _from_buckets(
    folder: Path, keep: Sequence[str], report: Callable[[str], None], on: Engine
) -> tuple[Audit, tuple[str, ...], Examples[Any]]:
    """Audit the first bucket, which holds leads at random, and cut all buckets into examples."""
    from features.prepared import Prepared
    from leadlens.terminal import say
    from training.auditing.audit import audit_history, without_leaks
    from training.examples import cut_examples, cut_prepared

    history = Prepared.open(folder.absolute())
    for note in history.manifest.notes:
        say(f"note: {note}")
    report("auditing the columns of the first bucket")
    tables = history.bucket(0)
    audit = audit_history(tables, history.mapping, cut_examples(tables, history.mapping, history.identity(0)))
    left_out = audit.left_out(keep)
    report(f"cutting {len(history):,} buckets into examples")
    examples = cut_prepared(history, without_leaks(history.mapping, left_out), on)
    say(f"note: {_memory_said(len(examples.learned), len(examples.census))}")
    return audit, left_out, examples


def _memory_said(learned: int, judged: int) -> str:
    """Return what the vectors of so many rows take, each of them 8 bytes a feature.

    >>> _memory_said(1_500_000, 300_000)
    '1,500,000 rows to learn from and 300,000 to judge: 1.2 GB of memory for every 100 features'
    """
    gigabytes = max(learned, judged) * 100 * 8 / 1e9
    rows = f"{learned:,} rows to learn from and {judged:,} to judge"
    return f"{rows}: {gigabytes:.1f} GB of memory for every 100 features"
