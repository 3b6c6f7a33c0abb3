"""(e) Names that speak of the outcome, or of work on a lead after it was qualified."""

from __future__ import annotations

import re

from features.leakage.evidence import Evidence, Strength

_OUTCOME = (
    r"won|win|wins|lost|loss|losing|closed?|closing|closure|outcome|converted|conversions?|churn(ed)?|"
    r"deals?|"
    r"contracts?|contracted|signed|signature|invoices?|invoiced|paid|payments?|purchased?|bought|spend|spent|"
    r"orders?|ordered|booking value|bookings|arr|mrr|acv|tcv|sold|sale amount|sales? (value|amount|price|won)|"
    r"customer (since|id|no|number|nr)|became a? ?(customer|client)|client (since|id)|disposition|"
    r"enrolled|enrol(l)?ment|subscribed|subscription (start|id)|onboarding|onboarded|activated at|"
    r"(call|talk|conversation) (duration|length|time|minutes|seconds)|length of (the )?calls?|duration|"
    r"opportunity (amount|stage|id|created|value|result)|lifecycle ?stage|renewal|refund|delivered|shipped|"
    # German
    r"gewonnen|verloren|verlust\w*|absage\w*|abschluss\w*|abgeschlossen|geschlossen|auftrag\w*|vertrag\w*|"
    r"rechnung\w*|bezahlt|gekauft|kauf(datum|preis|wert)?|bestellt|bestell(ung|wert|nummer|datum)|"
    r"kunde seit|kundennummer|kundennr|(gespr[äa]e?chs?|anruf|telefonat)?dauer|unterschrieben|ergebnis|"
    r"konvertiert|"
    # French
    r"gagn[ée]e?s?|perdue?s?|perte|motif de (la )?perte|contrat|sign[ée]e?|factures?|commandes?|pay[ée]e?|"
    r"cl[ôo]tur[ée]e?|ferm[ée]e?|dur[ée]e( d[eu]? ?l?'? ?appel)?|client depuis|num[ée]ro (de )?client|"
    r"achet[ée]e?|achat|montant|r[ée]sultat|converti|"
    # Spanish
    r"ganad[oa]s?|perdid[oa]s?|p[ée]rdida|motivo de (la )?p[ée]rdida|contrato|firmad[oa]|firma|factura|"
    r"pedido|pagad[oa]|pago|cerrad[oa]|cierre|duraci[óo]n( de (la )?llamada)?|cliente desde|"
    r"n[úu]mero de cliente|comprad[oa]|compra|importe|resultado|convertid[oa]"
)
"""Words of the outcome itself, and of what is known only once a lead was worked or won."""

_LATER = (
    r"tags?|quality|stages?|status|state of (the )?lead|substatus|scores?|scored|scoring|index|grade|rating|"
    r"ratings?|rank|priority|temperature|asymmetrique|profile|notable|"
    r"last (\w+ )*(activity|action|contact|contacted|touch|modified|updated?|seen|login|session|visit|call|"
    r"email|meeting)|latest (\w+ )*(activity|action)|"
    r"modified|updated( at| on)?|last session creation time|next (step|action|call|follow ?up)|follow ?ups?|"
    r"owner|assigned|assignee|account manager|sales ?(rep|person|man)|closer|reason|notes?|comments?|remarks?|"
    r"feedback|sentiment|(number|no|num|count) of (\w+ )*(calls|contacts|meetings|emails sent|sales activities|"
    r"touches)|(calls?|contacts?|touches|meetings?) (count|made|held|attempts)|attempts?|times contacted|qualified( at| on)?|"
    r"qualification|sql|sal|opportunity|pipeline|probability|forecast|revenue|amount|value|proposal|"
    r"quote( value| amount)?|negotiation|discount|"
    # German
    r"phase|bewertung|qualit[äa]e?t|stufe|letzter? (aktivit[äa]e?t|kontakt|anruf|[äa]e?nderung)|"
    r"letzte aktivit[äa]e?t|zust[äa]e?ndig|bearbeiter|besitzer|betreuer|grund|notiz(en)?|bemerkung(en)?|"
    r"kommentar(e)?|umsatz\w*|betrag|wert|angebot|angebotswert|ge[äa]e?ndert|schlagw(ort|o?[öo]e?rter)|"
    r"wahrscheinlichkeit|"
    # French
    r"statut|[ée]tape|qualit[ée]|[ée]tiquettes?|derni[èe]re? (activit[ée]|contact|action|appel)|"
    r"propri[ée]taire|attribu[ée]|motif|commentaires?|remarques?|devis|valeur|modifi[ée]|note|"
    # Spanish
    r"etapa|fase|calidad|etiquetas?|[úu]ltim[oa] (actividad|contacto|llamada|acci[óo]n)|propietario|"
    r"asignad[oa]|motivo|comentarios?|notas?|observaciones|ingresos|valor|presupuesto|puntuaci[óo]n|"
    r"modificad[oa]|actualizad[oa]"
)
"""Words of judgements, statuses and work that are usual after qualification, and innocent now and then."""

_INNOCENT = re.compile(
    # What a company or a person is, and what it does on its own.
    r"\b(annual|yearly|company|monthly|estimated) (revenue|value)|\bjahresumsatz|chiffre d affaires|"
    r"\b(marital|civil|employment|family|residence|residential|student|familien)\s*(status|stand)|"
    r"\b(session|visit|website|page|video|webinar|trial|site|web) (duration|length|time)|"
    r"time (spent )?on (web)?site|(spent|spend) on (the )?(web)?site|\btime spent\b|"
    r"\bcustomer (service|support|type|segment)|\bcredit (score|rating)|"
    r"\bjob (grade|profile)|\bpage (views?|visits?)|\bpricing visits?|\b(site|web|website) visits?|"
    r"\b(previous|prior|past) (\w+ )*(orders?|purchases?|outcome|contracts?|deals?|spend)|"
    r"\bsigne?d? ?up\b|\bpaid (search|social|ads?|media|traffic|channel|campaigns?)|"
    r"\bnewsletter subscribed|\bsubscribed to\b|\b(linkedin|social|facebook|twitter|github|public) profile|"
    r"\b(funding|company|growth|startup|life) stage|\b(home|business|house|pet|car) owner|\bowner region|"
    r"\breason (for|of) (the |your )?(inquiry|enquiry|visit|contact|interest|signup)|"
    r"\b(loan|credit|requested) amount|\bamount requested"
)

_STRONG = re.compile(rf"(?<![^\W_])({_OUTCOME})(?![^\W_])", re.IGNORECASE)
_WEAK = re.compile(rf"(?<![^\W_])({_LATER})(?![^\W_])", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Za-z])(?=\d)")


def name_evidence(name: str) -> Evidence | None:
    """Say what the name of a column gives away, or None.

    A name alone convicts nobody: it lowers the bar for the figures (see `verdict.py`). STRONG: words of the
    outcome itself. WEAK: words of judgements and of work on leads.

    >>> name_evidence("lostReason").strength.name, name_evidence("Lead Quality").strength.name
    ('STRONG', 'WEAK')
    >>> name_evidence("annual_revenue") is None
    True
    """
    said = words_of(name)
    bare = _INNOCENT.sub(" ", said)
    for pattern, strength, what in (
        (_STRONG, Strength.STRONG, "the outcome, or of what is known only with it"),
        (_WEAK, Strength.WEAK, "a judgement of a lead or of work on it"),
    ):
        found = pattern.search(bare)
        if found:
            sentence = f"'{found[0].strip()}' in its name speaks of {what}"
            return Evidence(kind="name", strength=strength, figure=float("nan"), sentence=sentence)
    return None


def words_of(name: str) -> str:
    """Return a name as words in small letters.

    >>> words_of("daysToClose"), words_of("LAST_NOTABLE-Activity"), words_of("Kunde.seit")
    ('days to close', 'last notable activity', 'kunde seit')
    """
    return " ".join(re.split(r"[\W_]+", _CAMEL.sub(" ", name))).casefold().strip()
