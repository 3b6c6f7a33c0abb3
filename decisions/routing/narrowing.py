"""The steps that ask what a rep takes: territory, product, language, industry, company size, seniority."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from decisions.routing.case import TraceStep
from decisions.routing.names import listed
from decisions.routing.territory import territory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from decisions.routing.case import Case
    from decisions.routing.policy import Routing, StepName
    from decisions.routing.rep import Rep


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a step asks: `wanted` of the lead, in words, and whether a rep takes it."""

    wanted: str
    takes: Callable[[Rep], bool]


def narrowed(case: Case, members: Sequence[Rep], policy: Routing) -> tuple[list[Rep], list[TraceStep]]:
    """Return those of the members who take the lead, and what each of the policy's steps found.

    A step of which the lead says nothing, and one that would leave nobody, is passed over.
    """
    left, trace = list(members), []
    for step in policy.narrowing_steps:
        asked = _asked(step, case, policy)
        if asked is None:
            continue
        takers = [rep for rep in left if asked.takes(rep)]
        label = f"{step.capitalize()} {asked.wanted}"
        if not takers:
            words = f"{label}: none of those left takes it; the step is passed over."
        elif len(takers) == len(left):
            words = (
                f"{label}: all {len(left)} take it."
                if len(left) > 1
                else f"{label}: {listed(left)} takes it."
            )
        else:
            words = f"{label}: taken by {listed(takers)}, {len(takers)} of {len(left)}."
        left = takers or left
        trace.append(TraceStep(step, words, tuple(rep.rep_id for rep in left)))
    return left, trace


def _asked(step: StepName, case: Case, policy: Routing) -> _Asked | None:
    if step == "territory":
        return _territory(case)
    if step == "product":
        return _any_of(case.products, lambda rep: rep.products)
    if step == "language":
        return _any_of(_one(case.language), lambda rep: rep.languages)
    if step == "industry":
        return _any_of(_one(case.industry), lambda rep: rep.industries)
    if step == "size":
        return _any_of(_one(case.size), lambda rep: rep.company_sizes)
    wanted = policy.seniority.get(case.seniority or "", ())
    found = _any_of(wanted, lambda rep: _one(rep.seniority))
    return found and _Asked(f"of the lead: {case.seniority}", found.takes)


def _territory(case: Case) -> _Asked | None:
    place = (case.country, case.state, case.postcode)
    if case.country is None:
        return None

    def takes(rep: Rep) -> bool:
        return not rep.territories or any(territory(one).holds(*place) for one in rep.territories)

    return _Asked(" ".join(filter(None, place)), takes)


def _any_of(wanted: Sequence[str], taken: Callable[[Rep], Iterable[str]]) -> _Asked | None:
    names = {name.strip().casefold() for name in wanted}
    if not names:
        return None

    def takes(rep: Rep) -> bool:
        stated = {name.strip().casefold() for name in taken(rep)}
        return not stated or not names.isdisjoint(stated)

    return _Asked(" or ".join(wanted), takes)


def _one(name: str | None) -> tuple[str, ...]:
    return (name,) if name else ()
