"""What the names of columns say: how a lead came, a job title, a country, a person, a phone."""

from __future__ import annotations

import re

CONTEXT = re.compile(
    r"(^|\W|_|lead|traffic|first|last|original)(source|origin|channel|campaign|utm|medium|referr?er|landing)"
    r"|how did you hear"
    r"|(quelle|herkunft|kampagne|kanal)(n)?(\W|_|\d|$)|(^|\W|_)werbemittel"
    r"|(^|\W|_)(origine|provenance|campagne|canal|fuente|origen|procedencia|campa[ñn]a|medio|fonte|canale)"
    r"(\W|_|\d|$)",
    re.IGNORECASE,
)
"""How a lead came: English, German, French, Spanish, Italian."""

SOURCE_ROLES = (
    ("utm_medium", re.compile(r"(^|\W|_)(medium|medio)(\W|_|\d|$)", re.IGNORECASE)),
    ("utm_source", re.compile(r"(^|\W|_)(utm|traffic)[\W_]*source", re.IGNORECASE)),
    ("campaign", re.compile(r"kampagne|(^|\W|_|utm)campa(ign|gne|gna|[ñn]a)|werbemittel", re.IGNORECASE)),
    ("referrer", re.compile(r"(^|\W|_)(http)?referr?er(\W|_|$)", re.IGNORECASE)),
    (
        "channel",
        re.compile(
            r"how did you hear|quelle(n)?(\W|_|\d|$)|herkunft|kan(a|ä)l"
            r"|(^|\W|_|lead|first|last|original)(source|origin|channel|origine|provenance|canale?|fuente|origen"
            r"|procedencia|fonte)(\W|_|\d|$)",
            re.IGNORECASE,
        ),
    ),
)
"""The part that a column plays in telling how a lead came; the first that fits."""

COUNTRY = re.compile(
    r"(^|\W|_)(country|countries|nation|nationality|land|pays|pa[ií]s|paese|nazione)([\W_]*(code|name|iso\d?))?(\W|_|\d|$)"
    r"|countrycode|(^|\W|_)(herkunfts|firmen|liefer)land(\W|_|$)",
    re.IGNORECASE,
)
"""Countries, as names or codes."""

TITLE = re.compile(
    r"(^|\W|_)(job|position|designation|role|funktion|stellenbezeichnung|berufsbezeichnung|jobtitel|poste|fonction|cargo"
    r"|puesto|ruolo|qualifica|mansione)(\W|_|$)|(^|\W|_|job|work)title(\W|_|$)",
    re.IGNORECASE,
)
"""What somebody does in a company."""

PERSON = re.compile(
    r"^(lead|contact|customer|user|client|person)?[\W_]*"
    r"(first|last|full|sur|given|family|middle|nick|user)?[\W_]*name$"
    r"|^(vorname|nachname|nom|prénom|prenom|apellidos?|nombre|cognome|ansprechpartner)$",
    re.IGNORECASE,
)
"""Names of people; a column that is just 'name' too."""

PHONE = re.compile(
    r"phone|telefon|t[ée]l[ée]phone|tel[ée]fono"
    r"|^((work|home|business|office|private|contact|lead)[\W_]*)?"
    r"(tel|fax|mobile|mobil|m[óo]vil|handy)[\W_]*(number|no|nr|nummer)?[\W_]*$",
    re.IGNORECASE,
)
"""Phone numbers."""

EMAIL = re.compile(
    r"((lead|contact|customer|client|person|user|owner|work|business|office|company|home|private|personal|main"
    r"|primary|secondary|other)s?[\W_]*)?"
    r"(e[\W_]*mail|mail|courriel|adresse[\W_]*(e[\W_]*)?mail|correo([\W_]*electr[óo]nico)?|posta[\W_]*elettronica)"
    r"[\W_]*(id|addr|address|adresse)?[\W_]*\d*",
    re.IGNORECASE,
)
"""The whole name of a column of e-mail addresses. A column is known by its cells; this is for one alone."""

COMPANY = re.compile(
    r"^(lead|contact|customer|client|current)?[\W_]*"
    r"(company|account|organi[sz]ation|employer|firm|firma|unternehmen|soci[ée]t[ée]|entreprise|empresa|azienda"
    r"|ragione[\W_]*sociale)[\W_]*(name|nom|nombre|nome)?$",
    re.IGNORECASE,
)
"""The name of the company that somebody works for."""

LEAD_COUNTRY = re.compile(
    r"^(lead|contact|customer|client|company|account|billing)?[\W_]*"
    r"(country|land|pays|pa[ií]s|paese|nation)[\W_]*(name|code|iso2?)?$",
    re.IGNORECASE,
)
"""The country of a lead itself: not where its goods go, or where it was born."""

YEAR = re.compile(
    r"(?i:(^|[\W_\d])(year|yr|founded|established|incorporated|since|jahr(gang)?|seit|gegr(ü|ue)ndet|ann[ée]e|depuis"
    r"|fond[ée]e?|año|ano|anno|desde|fundad[ao]|fondat[ao])([\W_\d]|$)"
    r"|(gr(ü|ue)ndungs|bau)jahr)"
    r"|[a-z](Year|Since|Founded)([A-Z\W_\d]|$)|^(year|founded|since)[A-Z]",
)
"""A year: English, German, French, Spanish, Italian. Lengths of time (`Years in role`) are none."""
