"""(f) Values that settle the outcome: near-copies of the label, statuses that only ended leads have."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from features.leakage.evidence import Evidence, Strength

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

IMPURE = 0.04
"""A value settles the outcome where at most this share of its leads ended otherwise …"""

TIMES_RARER = 8.0
"""… and the other outcome is this many times rarer among them than among all leads: where only 3 % convert,
values of which 97 % do not convert are nothing special."""

CHANCE = math.log(1e-6)
"""… and chance would do so less often than this (Chernoff's bound on the binomial tail)."""

STRONG_MASS = 0.25
"""The share of the winners, or half as much again of both outcomes, that settled values must hold. A rare
value that nearly always converts is honest now and then (a recommendation): it holds a few per cent."""

FEWEST_QUOTED = 20
"""A value that fewer leads hold is not quoted: it may be somebody's name."""

PROOF_MASS = 0.6
"""Values that settle this much of both outcomes are the outcome under other names."""


def purity(
    codes: NDArray[np.int64], labels: NDArray[np.float64], texts: Sequence[str] | None
) -> Evidence | None:
    """Say which share of the leads has a value that settles the outcome, or None where it is small.

    `codes` int64 (n,), labels float64 (n,) of 0 and 1; `texts` name the codes, for the sentence.
    """
    rows = np.bincount(codes).astype(np.float64)
    wins: NDArray[np.float64] = np.bincount(codes, weights=labels).astype(np.float64)
    base = float(labels.mean())
    to_win, to_lose = _settled(rows, rows - wins, 1 - base), _settled(rows, wins, base)
    of_won = float(wins[to_win].sum() / labels.sum())
    of_lost = float((rows - wins)[to_lose].sum() / (len(labels) - labels.sum()))
    strength = Strength.NONE
    if of_won >= STRONG_MASS or of_won + of_lost >= 1.5 * STRONG_MASS:
        strength = Strength.STRONG
    if min(of_won, of_lost) >= PROOF_MASS:
        strength = Strength.PROOF
    if strength is Strength.NONE:
        return None
    settled = to_win | to_lose
    most = int(np.argmax(np.where(settled, rows, 0)))
    example = ""
    if texts is not None and rows[most] >= FEWEST_QUOTED:
        name = texts[most] if most else "missing"
        example = f"; '{name[:40]}' alone: {wins[most]:,.0f} of {rows[most]:,.0f} converted"
    said = (
        f"values that all but settle the outcome hold {of_won:.0%} of the leads that converted and "
        f"{of_lost:.0%} of the others{example}"
    )
    return Evidence(kind="purity", strength=strength, figure=max(of_won, of_lost), sentence=said)


def _settled(rows: NDArray[np.float64], exceptions: NDArray[np.float64], usual: float) -> NDArray[np.bool_]:
    """Return which values show far fewer exceptions than the usual share of them (0-1)."""
    share = exceptions / np.maximum(rows, 1)
    seldom = (share <= IMPURE) & (share * TIMES_RARER <= usual) & (rows > 0)
    return np.asarray(seldom & (-rows * _divergence(share, usual) <= CHANCE))


def _divergence(share: NDArray[np.float64], usual: float) -> NDArray[np.float64]:
    """Return the Kullback-Leibler divergence, in nats, of a share from the usual one."""
    hair = 1e-12
    p, q = np.clip(share, hair, 1 - hair), min(max(usual, hair), 1 - hair)
    return np.asarray(p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q)))
