"""The parts of a card that say what was found on rows that nobody who foretold them had seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from training.promotion.comparison import IncomparableError, comparison_from
from training.promotion.gates import evidence_gates, no_comparison_gate
from training.reports.card_words import (
    MEANING,
    figure_said,
    measure_said,
    nats_said,
    ordered,
    percent_said,
    share_said,
)
from training.reports.content import Facts, Section, Sentences, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from training.about import About
    from training.evidence.evidence import Evidence, Flattery, Rival
    from training.measures import Figure
    from training.promotion.gates import Gate
    from training.reports.content import Drawing, Part

BESIDE_RIVALS = ("log_loss", "roc_auc", "average_precision", "brier", "calibration_error")
"""The measures that stand in the table of rivals; what else a rival has follows in a table of its own."""


def gates_of(about: About) -> tuple[Gate, ...]:
    """Return the gates that what is kept with a version answers; its speed is asked at promotion."""
    if about.comparison is None:
        return evidence_gates(about, None)
    try:
        return evidence_gates(about, comparison_from(about.comparison))
    except IncomparableError as problem:
        return (*evidence_gates(about, None), no_comparison_gate(str(problem)))


def is_promotable(about: About) -> bool:
    """Return whether none of these gates stands in the way."""
    return not any(gate.stands_in_the_way for gate in gates_of(about))


def verdict(about: About) -> str:
    """Return in a few words whether it may be promoted."""
    if not about.evidence.shows_signal:
        return "shows no signal: do not rely on it"
    return "passes the gates of its evidence" if is_promotable(about) else "not promotable"


def promotable(about: About) -> Section:
    """Say whether it may be promoted: each gate with its figure, and what speaks against it."""
    gates = gates_of(about)
    closed = [at for at, gate in enumerate(gates) if gate.stands_in_the_way]
    beside = " beside the champion of the time" if about.comparison else ""
    said = (
        f"No: {'a gate stands' if len(closed) == 1 else f'{len(closed)} gates stand'} in the way."
        if closed
        else f"Every gate that can be asked of its evidence{beside} is open. A promotion asks again, beside "
        "the champion of its day."
    )
    warning = [gate.name for gate in gates if not gate.passed and not gate.blocks]
    said += f" A warning: {', '.join(warning)}." if warning else ""
    table = Table(
        caption="Gates",
        head=("Gate", "Passed", "Figure", "Why"),
        rows=tuple((gate.name, _passed(gate), gate.figure, gate.said) for gate in gates),
        words=4,
        marked=frozenset(closed),
    )
    return Section(title="Is it promotable?", said=said, parts=(table,))


def _passed(gate: Gate) -> str:
    return "yes" if gate.passed else "no" if gate.blocks else "no: a warning"


def against_rivals(evidence: Evidence, plots: Mapping[str, Drawing]) -> Section:
    """Say how it does beside simpler ways to foretell the same rows."""
    said = f"{_sentence(evidence.how)} {evidence.rows:,} rows of {evidence.leads:,} leads were tested, "
    said += f"{evidence.conversions:,} of which convert. In brackets: 95 % intervals, from resampling leads."
    parts: list[Part] = [_contest(evidence)]
    if "log_loss" in plots:
        parts.append(plots["log_loss"])
    parts.append(Sentences(tuple(f"{rival.name}: {rival.said}." for rival in evidence.rivals)))
    parts.extend(_rest_of_rivals(evidence.rivals))
    parts.append(_own_measures(evidence))
    if evidence.notes:
        parts.append(Sentences(evidence.notes))
    return Section(title="Evidence", said=said, parts=tuple(parts))


def _contest(evidence: Evidence) -> Table:
    names = [name for name in BESIDE_RIVALS if name in evidence.measures]
    head = ("Foretold by", *map(measure_said, names), "Log loss above the model's", "So the model is")
    model = ("this model", *(figure_said(name, evidence.measures[name]) for name in names), "", "")
    rows = [model, *(_contender(rival, names) for rival in evidence.rivals)]
    marked = frozenset(at + 1 for at, rival in enumerate(evidence.rivals) if not rival.is_beaten)
    return Table(caption="Against all rivals, on the same rows", head=head, rows=tuple(rows), marked=marked)


def _contender(rival: Rival, names: list[str]) -> tuple[str, ...]:
    found = "better" if rival.is_beaten else "worse" if rival.is_better else "not told apart"
    return (rival.name, *(_said_of(rival, name) for name in names), nats_said(rival.lead), found)


def _said_of(rival: Rival, name: str) -> str:
    return figure_said(name, rival.measures[name]) if name in rival.measures else "-"


def _rest_of_rivals(rivals: tuple[Rival, ...]) -> Iterator[Table]:
    names = ordered(list({name for rival in rivals for name in rival.measures if name not in BESIDE_RIVALS}))
    told = [rival for rival in rivals if set(rival.measures) & set(names)]
    if told:
        yield Table(
            caption="More of the rivals",
            head=("Measure", *(rival.name for rival in told)),
            rows=tuple((measure_said(name), *(_said_of(rival, name) for rival in told)) for name in names),
        )


def _own_measures(evidence: Evidence) -> Table:
    names = [name for name in ordered(list(evidence.measures)) if not name.startswith(("lift_", "recall_"))]
    rows = [
        (measure_said(name), figure_said(name, evidence.measures[name]), MEANING.get(name, ""))
        for name in names
    ]
    if evidence.auc_without_events is not None:
        said = figure_said("roc_auc", evidence.auc_without_events)
        rows.append(("AUC without events", said, "of the same recipe without what leads did"))
    if evidence.auc_without_enrichment is not None:
        said = figure_said("roc_auc", evidence.auc_without_enrichment)
        rows.append(("AUC without enrichment", said, "of the same recipe without tables of accounts"))
    return Table(caption="This model", head=("Measure", "Value", "Meaning"), rows=tuple(rows), words=3)


def signal(evidence: Evidence) -> Section:
    """Say whether there is any signal, and what a random split would have shown."""
    items: list[tuple[str, str]] = []
    found = evidence.signal
    if found is not None:
        items += [
            ("AUC within part and time", figure_said("roc_auc", found.auc)),
            ("distance from chance", f"{found.z:.1f} standard errors"),
            ("p-value, one-sided", _p_value(found.p_value)),
            ("a signal at 0.1 %", "yes" if found.is_there else "no"),
        ]
    said = (
        "Whether the features tell leads apart at all, by leads that the models had not seen."
        if found
        else "No test of the signal was made."
    )
    parts: list[Part] = [Facts(tuple(items))] if items else []
    if evidence.flattery is not None:
        parts.append(_flattered(evidence.flattery))
    else:
        parts.append(Sentences(("How much a random split flatters was not measured.",)))
    return Section(title="Signal, and what a random split would have shown", said=said, parts=tuple(parts))


def _flattered(found: Flattery) -> Table:
    rows = (
        ("AUC", figure_said("roc_auc", found.random_auc), _more(found.auc, found.auc_difference)),
        (
            "log loss",
            figure_said("log_loss", found.random_log_loss),
            _more(found.log_loss, found.log_loss_difference),
        ),
    )
    head = ("Measure", "By a random split", "Flattery")
    return Table(caption="A random split by lead, beside the later period", head=head, rows=rows)


def _more(value: float, found: Figure | None) -> str:
    return f"{value:+.4f}" if found is None else nats_said(found)


def ranking(evidence: Evidence, plots: Mapping[str, Drawing]) -> Section:
    """Say what working down the list from the best score is worth."""
    places = [name.removeprefix("lift_") for name in evidence.measures if name.startswith("lift_")]
    places += [
        at
        for name in evidence.measures
        if name.startswith("recall_") and (at := name.removeprefix("recall_")) not in places
    ]
    rows = tuple(_place(evidence, at) for at in sorted(places))
    parts: list[Part] = []
    if rows:
        caption = "Times the base rate that they convert (lift), and their share of all conversions (recall)"
        parts.append(Table(caption=caption, head=("The best", "Lift", "Recall"), rows=rows))
    parts += [plots[name] for name in ("gains", "lift") if name in plots]
    return Section(title="What the order is worth", said="Rows from the best score down.", parts=tuple(parts))


def _place(evidence: Evidence, at: str) -> tuple[str, str, str]:
    is_capacity = not at.isdigit()
    share = f"{int(at)} %" if not is_capacity else f"the team's {at}"
    if is_capacity and evidence.capacity is not None:
        share = f"{share} ({share_said(evidence.capacity)})"
    lift, recall = evidence.measures.get(f"lift_{at}"), evidence.measures.get(f"recall_{at}")
    return (
        share,
        "-" if lift is None else figure_said("lift_", lift),
        "-" if recall is None else percent_said(recall),
    )


def bands(evidence: Evidence, plots: Mapping[str, Drawing]) -> Section | None:
    """Say how often leads of a score convert; None where it was not measured."""
    if not evidence.bands:
        return None
    rows = tuple(
        (
            f"{band.low}-{band.high}",
            f"{band.rows:,}",
            f"{100 * band.probability:.2f} %",
            percent_said(band.converted),
        )
        for band in evidence.bands
    )
    head = ("Score", "Rows", "Probability said", "Converted")
    drawn = (plots["bands"],) if "bands" in plots else ()
    table = Table(caption="Conversion by band of the score", head=head, rows=rows)
    return Section(title="What a score converts", parts=(table, *drawn))


def _p_value(p: float) -> str:
    return f"{p:.2g}" if p >= 1e-12 else "below 1e-12"


def _sentence(text: str) -> str:
    begun = text[:1].upper() + text[1:]
    return begun if begun.endswith(".") else f"{begun}."
