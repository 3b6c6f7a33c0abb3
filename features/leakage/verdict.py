"""From evidence to a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from features.leakage.discrimination import NAMED_AUC, WEAK_AUC
from features.leakage.evidence import Strength

if TYPE_CHECKING:
    from collections.abc import Iterable

    from features.leakage.evidence import Evidence, Kind

Verdict = Literal["leak", "suspect", "clear"]

OUTCOME_NAME_AUC = 0.75
"""With a name that speaks of the outcome itself ('duration' of the call, 'closed'), this AUC convicts."""

GAIN_NAME_AUC = 0.75
"""With a name that speaks of later work, this AUC convicts the column from which a model that is too good
without all known leaks takes much of its gain (see training/auditing/audit.py)."""

OUTCOME_NAME_GAP = 0.3
"""… and so does this gap between the rates of filling of the two outcomes."""

NOTICEABLE_AUC = 0.53
"""With a name that speaks of later work, a steady AUC from here on makes a suspect."""

_FIGURES: tuple[Kind, ...] = ("discrimination", "emptiness", "purity", "order")
"""Kinds that measure the same thing, how well the values tell the outcome: they are not independent."""


def verdict_of(evidence: Iterable[Evidence]) -> Verdict:
    """Combine the evidence about one column.

    `leak`, where any of these holds:

    1. a single piece is proof (a copy, a joint copy, filled in for winners only);
    2. the name speaks of the outcome, and a figure is strong, or the AUC at least .75, or the gap in
       filling at least .3;
    3. the name speaks of later work, and filling or settled values are strong, or the AUC is at least .88;
       or the AUC is at least .75 and a model that is too good takes much of its gain from it (weak);
    4. settled values are strong and the AUC is at least .88, whatever the name;
    5. ended leads have values that fresh ones lack (strong), and the column tells the outcome (an AUC of
       .6, or emptiness); where only the values differ, a figure must be strong;
    6. it is written when leads end (strong), and a figure is strong.

    `suspect`, where none does and: any piece is strong; or a name of either kind goes with a noticeable
    AUC or emptiness. Else `clear`. So a name alone never makes a leak, nor does a strong honest column.
    """
    by_kind = {piece.kind: piece for piece in evidence}
    if any(piece.strength is Strength.PROOF for piece in by_kind.values()):
        return "leak"
    if _is_named(by_kind) or _is_settled(by_kind) or _is_late(by_kind):
        return "leak"
    return "suspect" if _is_suspect(by_kind) else "clear"


def _strength(by_kind: dict[Kind, Evidence], *kinds: Kind) -> Strength:
    return max((by_kind[kind].strength for kind in kinds if kind in by_kind), default=Strength.NONE)


def _figure(by_kind: dict[Kind, Evidence], kind: Kind) -> float:
    return by_kind[kind].figure if kind in by_kind else 0.0


def _is_named(by_kind: dict[Kind, Evidence]) -> bool:
    name, auc = _strength(by_kind, "name"), _figure(by_kind, "discrimination")
    if name is Strength.STRONG:
        gap = _figure(by_kind, "emptiness")
        strong = _strength(by_kind, *_FIGURES) is Strength.STRONG
        return strong or auc >= OUTCOME_NAME_AUC or gap >= OUTCOME_NAME_GAP
    strong = _strength(by_kind, "emptiness", "purity") is Strength.STRONG
    gains = _strength(by_kind, "gain") >= Strength.WEAK and auc >= GAIN_NAME_AUC
    return name is Strength.WEAK and (strong or gains or auc >= NAMED_AUC)


def _is_settled(by_kind: dict[Kind, Evidence]) -> bool:
    settled = _strength(by_kind, "purity") is Strength.STRONG
    return settled and _figure(by_kind, "discrimination") >= NAMED_AUC


def _is_late(by_kind: dict[Kind, Evidence]) -> bool:
    strong = _strength(by_kind, *_FIGURES) is Strength.STRONG
    if _strength(by_kind, "changed") is Strength.STRONG and strong:
        return True
    if _strength(by_kind, "fresh") is not Strength.STRONG:
        return False
    emptier = _figure(by_kind, "fresh") > 0
    tells = _figure(by_kind, "discrimination") >= WEAK_AUC or _strength(by_kind, "emptiness") > Strength.NONE
    return strong or (emptier and tells)


def _is_suspect(by_kind: dict[Kind, Evidence]) -> bool:
    if _strength(by_kind, "discrimination", "emptiness", "purity", "order", "fresh", "changed", "gain") is (
        Strength.STRONG
    ):
        return True
    if "name" not in by_kind:
        return False
    noticeable = _figure(by_kind, "discrimination") >= NOTICEABLE_AUC
    return noticeable or "emptiness" in by_kind or "fresh" in by_kind or "changed" in by_kind
