"""A decision about a lead, with its trace."""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["lead", "prospect", "customer"]
Temperature = Literal["cold", "warm", "hot"]


class Fired(msgspec.Struct, frozen=True):
    """A rule that fired, by its place in the policy, and what it says of this lead, as a sentence."""

    rule: str
    said: str


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What to do about a lead: the same facts and the same policy give the same decision, to the letter.

    `action`: route (to `queue`), nurture (along `track`), out, or none (a customer). `priority`: 1 is served
    first; None where nobody is to serve it. `rule` is the one that settled the action, `why` its sentence.
    `asks`: what is to be found out or repaired. `closed`: the channels that are not to be used.
    `look_again_at` in microseconds UTC. `value` in money, None where there is no probability.
    """

    action: Literal["route", "nurture", "out", "none"]
    stage: str | None
    substage: str | None
    kind: Kind
    team: str
    temperature: Temperature
    segments: dict[str, str]
    queue: str | None
    track: str | None
    priority: int | None
    rule: str
    why: str
    trace: tuple[Fired, ...]
    asks: tuple[str, ...]
    closed: tuple[str, ...]
    category: str | None
    look_again_at: int | None
    value: float | None
    over_threshold: bool
    hand_raised: bool
    qualified: bool
    bant: dict[str, str]
