"""What the names of columns say: how a lead came, a job title, a person, a phone."""

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

TITLE = re.compile(
    r"(^|\W|_)(job|position|designation|role)(\W|_|$)|(^|\W|_|job|work)title(\W|_|$)", re.IGNORECASE
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

COMPANY = re.compile(
    r"^(lead|contact|customer|client|current)?[\W_]*"
    r"(company|account|organi[sz]ation|employer|firm|firma|unternehmen|soci[ée]t[ée]|entreprise|empresa|azienda"
    r"|ragione[\W_]*sociale)[\W_]*(name|nom|nombre|nome)?$",
    re.IGNORECASE,
)
"""The name of the company that somebody works for."""

COUNTRY = re.compile(
    r"^(lead|contact|customer|client|company|account|billing)?[\W_]*"
    r"(country|land|pays|pa[ií]s|paese|nation)[\W_]*(name|code|iso2?)?$",
    re.IGNORECASE,
)
"""The country of a lead."""
