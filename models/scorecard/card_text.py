"""A scorecard as the text of a file: TOML with comments, for people to edit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import tomlkit

from features.durations import spelled
from models.scorecard.points_card import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from features.spec import FeatureSpec
    from models.scorecard.points_card import PointsCard, Rule

_HEAD = """\
# A points scorecard of LeadLens. Change what you like; then: leadlens points --card FILE
#
# A rule gives (or, below 0, takes) points where a feature passes one test:
#   equals = "value", or in = ["one", "other"], or at_least = 3
# half_life = "14 days": after so long since the event the points count half, after twice so long a quarter.
# text = "...": the reason as it is shown; without it, what is known of the lead is the reason.
# cap: the most that the points which the rules of a section give can add up to.
"""

_OF_SECTION = {
    "profile": "The ideal customer profile: who wins. Tests on fit features alone.",
    "demographic": "Who the lead is: title, size, industry, place, where it came from.",
    "behavioural": "What the lead did: pages, e-mails, webinars, forms.",
    "stage": "How far the lead has come.",
}

SHOWN_VALUES = 12


def card_text(card: PointsCard, spec: FeatureSpec | None = None) -> str:
    """Return the file of a card, which `read_card` reads back.

    With a `spec` it ends with a comment that lists the features which rules can name.
    """
    return "\n".join([*_card(card), *([] if spec is None else _features(spec)), ""])


def _card(card: PointsCard) -> Iterator[str]:
    yield _HEAD
    if card.origin is not None:
        yield f"origin = {_toml(card.origin)}"
    yield f"threshold = {card.threshold}  # leadlens points counts by it; who goes to sales, the policy says"
    sections = dict(card.sections)
    for name in SECTIONS:
        section = sections[name]
        yield f"\n# {_OF_SECTION[name]}"
        yield f"[{name}]"
        if section.cap is not None:
            yield f"cap = {section.cap}"
        for rule in section.rules:
            yield f"\n[[{name}.rules]]"
            yield from _rule(rule)


def _rule(rule: Rule) -> Iterator[str]:
    yield f"feature = {_toml(rule.feature)}"
    if rule.equals is not None:
        yield f"equals = {_toml(rule.equals)}"
    if rule.one_of is not None:
        yield f"in = [{', '.join(map(_toml, rule.one_of))}]"
    if rule.at_least is not None:
        yield f"at_least = {_toml(int(rule.at_least) if rule.at_least.is_integer() else rule.at_least)}"
    yield f"points = {rule.points}"
    if rule.half_life is not None:
        yield f"half_life = {_toml(spelled(rule.half_life))}"
    if rule.text is not None:
        yield f"text = {_toml(rule.text)}"


def _features(spec: FeatureSpec) -> Iterator[str]:
    yield "\n# The features that a rule can name here:"
    for feature in spec.features:
        if feature.is_category:
            values = ", ".join(map(_toml, feature.vocabulary[:SHOWN_VALUES]))
            more = ", …" if len(feature.vocabulary) > SHOWN_VALUES else ""
            yield f"#   {_toml(feature.name)}: one of {values}{more}"
        elif feature.measure in {"boolean", "contains"}:
            yield f"#   {_toml(feature.name)}: true or false"
        else:
            yield f"#   {_toml(feature.name)}: a number"


def _toml(value: Any) -> str:
    return str(tomlkit.item(value).as_string())
