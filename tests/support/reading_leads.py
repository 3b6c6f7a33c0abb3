"""Leads picked at random, and all their reasons read: what is wrong, and which sentences there are."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from raw_record import Record, Records
from read_columns import age_faults, column_faults
from read_reasons import about_of, event_faults, grammar_faults, overlaps, special_faults

from features.duplicates.merging import merge_duplicates
from models.score import Score
from training.examples import cut_examples
from training.fitting.fit import fit_scorer

if TYPE_CHECKING:
    from features.mapping import Mapping
    from features.tables import Tables
    from models.score import Reason
    from models.scorer import LeadScorer
    from training.fitting.recipe import Recipe


@dataclass(frozen=True)
class Reading:
    """What was found: `faults` in words, how often each shape of sentence, and one fact told by two reasons.

    `overlaps` counts shapes of pairs among the reasons that are told without asking for more.
    """

    leads: int
    sentences: int
    faults: list[str]
    shapes: Counter[str]
    overlaps: Counter[str]


def read_leads(tables: Tables, mapping: Mapping, recipe: Recipe, *, leads: int, seed: int = 0) -> Reading:
    """Learn from a company, and read the reasons of some leads of its census at random."""
    tables, _ = merge_duplicates(tables, mapping)
    cut = cut_examples(tables, mapping)
    scorer = fit_scorer(cut.history, cut.learned, cut.census, recipe)
    picked = np.random.default_rng(seed).choice(len(cut.census), min(leads, len(cut.census)), replace=False)
    moments = cut.census.lead[np.sort(picked)], cut.census.as_of[np.sort(picked)]
    scores = scorer.score(cut.history.at(*moments), shown=None)
    return read_scores([s for s in scores if isinstance(s, Score)], tables, scorer)


def read_scores(scores: list[Score], tables: Tables, scorer: LeadScorer, *, told: int = 5) -> Reading:
    """Read the reasons of scores that were told with all of them, beside the tables of the company."""
    spec = scorer.spec
    records = Records(tables, scorer.mapping, {key for key in spec.event_keys if key not in spec.detail_keys})
    faults: list[str] = []
    shapes: Counter[str] = Counter()
    doubled: Counter[str] = Counter()
    columns = [" ".join(str(name).split()) for name in tables.leads.columns]
    for score in scores:
        record = records.of(score.lead_id, pd.Timestamp(score.as_of, unit="us", tz="UTC"))
        own_words = columns + [text for name in record.cells if (text := record.text(name))]
        texts = Counter(reason.text.casefold() for reason in score.reasons)
        faults += [f"{score.lead_id}: '{text}' stands {n} times" for text, n in texts.items() if n > 1]
        for reason in score.reasons:
            shapes[_shape(reason.text)] += 1
            wrong = grammar_faults(reason.text, own_words)
            wrong += truth_faults(reason, record, scorer)
            faults += [f"{score.lead_id}: '{reason.text}' {fault}" for fault in wrong]
        for one, other in overlaps(score.reasons[:told], record):
            doubled[f"{_shape(one)} | {_shape(other)}"] += 1
    return Reading(len(scores), sum(shapes.values()), faults, shapes, doubled)


def truth_faults(reason: Reason, record: Record, scorer: LeadScorer) -> list[str]:
    """Return what the record says against a reason; the last reason claims nothing."""
    if not reason.features:
        return []
    if reason.features[0] == "lead.age_days":
        return age_faults(reason.text, record)
    column = {feature.name: feature.about for feature in scorer.spec.features if feature.is_of_column}.get(
        reason.features[0]
    )
    if column is not None:
        found = next(c for c in scorer.spec.columns if c.name == column)
        return column_faults(reason.text, found, record)
    faults = special_faults(reason.text, record)
    if faults is None:
        faults = event_faults(reason.text, about_of(reason), record)
    return ["is of no known shape"] if faults is None else faults


def _shape(text: str) -> str:
    """Return a sentence with every number taken out, so that like sentences are one."""
    return re.sub(r"\d[\d,.]*", "#", text)
