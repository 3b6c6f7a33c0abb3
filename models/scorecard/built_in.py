"""The scorecard that comes with LeadLens: what serves where nobody has trained or written anything yet."""

from __future__ import annotations

from collections import Counter

from features.columns import Column
from features.mapping import mapping_from
from features.spec import FeatureSpec
from features.vocabulary import STEP_OF_PAGE, TOUCH_TYPES, VOCABULARY, channel_of
from models.score import BUILT_IN_VERSION
from models.scorecard.default_card import default_card
from models.scorecard.points_scorer import PointsScorer

NAME = "leadlens"
_REPEATED = {"page_view", "email_opened", "email_clicked", "product_use", "feature_used"}
"""Acts that a lead does again and again: the others are told by whether and when."""

_COLUMNS = (
    Column(name="email", kind="email", family="fit"),
    Column(name="job_title", kind="title", family="fit"),
    Column(name="employees", kind="number", family="fit"),
)


def built_in_scorecard() -> PointsScorer:
    """Return the default card over the canonical names: lead_id, created_at, and the vocabulary of events.

    Files have to bring the columns that its mapping names, of events lead_id, occurred_at, type and page.

    It reads the columns email, job_title and employees where a lead has them; a lead with none of them is
    scored by what it did.
    """
    mapping = mapping_from(
        {
            "leads": {"path": "leads.csv", "id": "lead_id", "created_at": "created_at"},
            "events": {
                "path": "events.csv",
                "lead_id": "lead_id",
                "occurred_at": "occurred_at",
                "type": "type",
                "properties": ["page"],
            },
        }
    )
    spec = _spec()
    return PointsScorer(
        name=NAME, version=BUILT_IN_VERSION, mapping=mapping, spec=spec, card=default_card(spec)
    )


def _spec() -> FeatureSpec:
    pages = [f"page_view.{page}" for page in STEP_OF_PAGE]
    acts = [name for name in VOCABULARY if name not in TOUCH_TYPES]
    ways = Counter(channel_of(name) for name in acts)
    return FeatureSpec(
        columns=_COLUMNS,
        unused=(),
        event_keys=tuple(sorted([*VOCABULARY, *pages])),
        touch_keys=tuple(sorted(TOUCH_TYPES)),
        has_age=True,
        has_events=True,
        missing=(),
        decimal=".",
        detail_keys=tuple(sorted(pages)),
        single_keys=tuple(sorted(set(VOCABULARY) - _REPEATED)),
        channels=tuple(sorted(channel for channel, count in ways.items() if channel and count > 1)),
    )
