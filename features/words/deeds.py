"""What an event is in words: what was done, what has been done, and what doing it is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from features.vocabulary import BUYING_SIGNAL

if TYPE_CHECKING:
    from collections.abc import Callable

    from features.words.catalogue import Catalogue
    from features.words.naming import Naming
    from features.words.numerals import Numerals

_PAGE_VIEW = "page_view"


@dataclass(frozen=True, slots=True)
class Deed:
    """`past` follows 'she', `participle` 'she has'; `several` says it of a count above 1; `noun` names it."""

    past: str
    participle: str
    several: Callable[[int], str]
    noun: str


class Deeds:
    """Finds the words of types of events."""

    def __init__(self, catalogue: Catalogue, naming: Naming, numerals: Numerals) -> None:
        self._catalogue = catalogue
        self._naming = naming
        self._numerals = numerals

    def times(self, count: int) -> str:
        """Return how often: 'once', 'twice', '3 times'."""
        return self._catalogue.counted("counts.times", count).fill(count=self._numerals.number(count))

    def of(self, key: str, *, by_us: bool = False) -> Deed | None:
        """Return the words of a type, or of a type with its detail; None for a type without words.

        `by_us`: whether it was our act, for types that can be either's: 'spoke with the lead by phone'.
        """
        own = self._deed(f"events.{key}", by_us=by_us)
        if own is not None:
            return own
        name, _, detail = key.partition(".")
        if name == _PAGE_VIEW and detail:
            return self._of_page(detail)
        of_type = self._deed(f"events.{name}", by_us=by_us) if detail else None
        return None if of_type is None else self._with_detail(of_type, detail)

    def of_channel(self, channel: str) -> Deed:
        """Return the words for doing something over a channel, whatever it is."""
        found = self._deed(f"channels.{channel}", by_us=False)
        if found is None:
            raise KeyError(channel)
        return found

    def of_touches(self) -> Deed:
        """Return the words for any touch by us."""
        text = self._catalogue.text
        past = text("touches.past")
        return Deed(past, text("touches.participle"), self._often(past), text("nouns.touches"))

    def _deed(self, at: str, *, by_us: bool) -> Deed | None:
        find = self._catalogue.find
        past, noun = find(f"{at}.past"), find(f"{at}.noun") or ""
        if past is None:
            return None
        of_us = find(f"{at}.us_past") if by_us else None
        if of_us is not None:
            participle = find(f"{at}.us_participle") or of_us
            return Deed(of_us, participle, self._several(f"{at}.us_many", of_us), noun)
        return Deed(past, find(f"{at}.participle") or past, self._several(f"{at}.many", past), noun)

    def _several(self, key: str, past: str, **said: str) -> Callable[[int], str]:
        if key not in self._catalogue.forms:
            return self._often(past)

        def several(count: int) -> str:
            form = self._catalogue.counted(key, count)
            return form.fill(count=self._numerals.count(count), times=self.times(count), **said)

        return several

    def _often(self, past: str) -> Callable[[int], str]:
        often = self._catalogue.templates["sentences.did_sometime"]
        return lambda count: often.fill(past=past, times=self.times(count))

    def _of_page(self, detail: str) -> Deed:
        templates = self._catalogue.templates
        page = self._catalogue.find(f"pages.{detail.casefold()}")
        if page is None:
            page = templates["details.page"].fill(detail=self._naming.detail(detail))
        past = templates["details.page_past"].fill(page=page)
        return Deed(
            past=past,
            participle=templates["details.page_participle"].fill(page=page),
            several=self._several("counts.page_views", past, page=page),
            noun=templates["details.page_noun"].fill(page=page),
        )

    def _with_detail(self, deed: Deed, detail: str) -> Deed:
        if detail == BUYING_SIGNAL:
            with_it, said = self._catalogue.templates["details.with_signal"], ""
        else:
            with_it, said = self._catalogue.templates["details.with"], self._naming.detail(detail)

        def joined(text: str) -> str:
            return with_it.fill(said=text, detail=said)

        noun = joined(deed.noun) if deed.noun else ""
        return Deed(
            joined(deed.past), joined(deed.participle), lambda count: joined(deed.several(count)), noun
        )
