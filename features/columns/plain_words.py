"""Text as tables of words compare it: lower case, no accents, single blanks between words."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_BETWEEN = re.compile(r"[^\w&]+|_+")
_UMLAUTS = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ø": "o", "œ": "oe", "æ": "ae", "ł": "l"})


def plain(text: str) -> str:
    """Return a text as its words: what stands between them, case and accents make no difference.

    >>> plain("Vice-Président(e), Ventes"), plain("paid_social"), plain("R&D")
    ('vice president e ventes', 'paid social', 'r&d')
    """
    lower = text.casefold().translate(_UMLAUTS)
    if not lower.isascii():
        lower = "".join(c for c in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(c))
    return _BETWEEN.sub(" ", lower).strip()


def any_of(phrases: Iterable[str]) -> re.Pattern[str]:
    r"""Return a pattern that finds one of `phrases` as whole words of a plain text.

    A phrase is a regular expression over plain words; `*` at the end of a word stands for its endings.

    >>> any_of(["vertrieb*", "key account"]).search("leiterin vertriebsinnendienst").group()
    'vertriebsinnendienst'
    """
    joined = "|".join(re.sub(r"(?<=\w)(?<!\\w)\*", r"\\w*", phrase) for phrase in phrases)
    return re.compile(rf"(?<![\w&])(?:{joined})(?![\w&])")
