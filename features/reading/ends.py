"""What the words of a column of statuses mean: won, lost, disqualified, or still open."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from features.mapping import Outcome

POSITIVE_WORDS = frozenset(
    (
        *("1", "yes", "y", "t", "won", "win", "converted", "conversion", "customer", "client", "success"),
        *("successful", "closed_won", "closedwon", "paid", "buyer", "bought", "purchased", "sold", "signed"),
        *("positive", "pos", "adopted", "ja", "j", "oui", "o", "si", "sí", "s", "sim", "da", "true"),
        *("gewonnen", "kunde", "gekauft", "konvertiert", "gagné", "gagnée", "ganado", "ganada", "cliente"),
    )
)
"""Values of a label, in lower case and with underscores, that mean a conversion."""

NEGATIVE_WORDS = frozenset(
    (
        *("0", "-1", "no", "n", "f", "lost", "lose", "loss", "not_converted", "unconverted", "false"),
        *("not_won", "none"),
        *("failed", "failure", "unsuccessful", "closed_lost", "closedlost", "unpaid", "disqualified"),
        *("rejected", "negative", "neg", "dead", "nein", "non", "não", "nao", "nie"),
        *("verloren", "abgelehnt", "abgesagt", "kein_interesse", "nicht_konvertiert", "storniert"),
        *("not_interested", "no_interest", "perdu", "perdue", "perdido", "perdida", "cancelled", "canceled"),
    )
)
"""Values of a label that mean the contrary."""

DISQUALIFIED_WORDS = frozenset(
    ("disqualified", "unqualified", "not_qualified", "junk", "spam", "rejected", "disqualifiziert")
)
"""Values that mean that the lead was none."""

OPEN_WORDS = frozenset(
    (
        *("open", "opened", "reopened", "new", "pending", "ongoing", "active", "in_progress", "in_process"),
        *("in_review", "in_negotiation", "in_contact", "working", "work_in_progress", "wip", "assigned"),
        *("unassigned", "untouched", "contacted", "not_contacted", "attempted", "attempted_to_contact"),
        *("attempting_contact", "attempting", "connected", "engaged", "nurture", "nurturing", "nurtured"),
        *("negotiation", "negotiating", "negotiation/review", "proposal", "proposal_sent", "quote"),
        *("quoted", "quote_sent", "qualified", "qualifying", "qualification", "unresolved", "undecided"),
        *("demo", "demo_scheduled", "meeting", "meeting_scheduled", "appointment_scheduled", "follow_up"),
        *("on_hold", "waiting", "scheduled", "prospecting", "discovery", "evaluation", "open_deal"),
        *("open_not_contacted", "working_contacted", "opportunity", "mql", "sql", "in_pipeline"),
        *("bad_timing", "tbd", "to_do", "todo", "not_started", "started", "draft"),
        *("offen", "neu", "in_bearbeitung", "in_arbeit", "laufend", "aktiv", "wartend", "kontaktiert"),
        *("nicht_kontaktiert", "angebot", "angebot_erstellt", "angebot_gesendet", "in_verhandlung"),
        *("verhandlung", "qualifiziert", "wiedervorlage", "in_klärung", "ausstehend", "in_prüfung"),
        *("ouvert", "ouverte", "en_cours", "nouveau", "nouvelle", "en_attente", "contacté", "qualifié"),
        *("abierto", "abierta", "en_curso", "en_proceso", "nuevo", "nueva", "pendiente", "contactado"),
        *("aperto", "in_corso", "nuovo", "aberto", "em_andamento", "novo", "lopend", "nieuw"),
    )
)
"""Values that mean that nothing is decided yet."""


def end_of(text: str) -> Outcome | None:
    """Return what a spelling plainly means, or None where its words are not known.

    >>> end_of("Closed - Won"), end_of("In Bearbeitung"), end_of("gold")
    ('won', 'open', None)
    """
    parts = [part for part in text.casefold().replace("-", " ").replace("_", " ").split() if part]
    word = "_".join(parts)
    if word in DISQUALIFIED_WORDS:
        return "disqualified"
    if word in OPEN_WORDS:
        return "open"
    if word in NEGATIVE_WORDS or "lost" in parts or "verloren" in parts:
        return "lost"
    if word in POSITIVE_WORDS or ({"won", "gewonnen"} & set(parts) and not {"not", "nicht"} & set(parts)):
        return "won"
    return None
