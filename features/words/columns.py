"""Columns of the leads in words: a name and what stands there, beside what is usual where that helps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from features.words.book import Sayings, whole_days

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from features.feature import Feature
    from features.words.book import Book
    from features.words.events import Teller


MOST_LISTED = 6
"""So many values of one column are told; of more it is said how many."""

_OTHER = "other"


def column_teller(features: Sequence[Feature], book: Book) -> Teller:
    """Return what says features of a column of the leads, or of their age."""
    first = features[0]
    match (first.measure, first.part):
        case ("age", _):
            return _of_age(book)
        case ("category", "kind"):
            return _of_codes(first, "email", book)
        case ("category", "source"):
            return _of_codes(first, "source", book)
        case ("category", "seniority"):
            return _of_title(features, book)
        case ("number", "completeness"):
            return _of_completeness(book)
        case ("number", _):
            return _of_number(first.about, book)
        case ("boolean", _):
            return _of_boolean(first.about, book)
        case ("contains", _):
            return _of_several(features, book)
    return _of_categories(features, book)


def _labelled(column: str, book: Book) -> Callable[[str, str | None], str]:
    """Return what says a value, and the usual one where it is given, after the column's name."""
    name = book.naming.column(column)
    form = "question" if name.endswith("?") else "column"
    alone, beside = book.part(form, name=name), book.part(f"{form}_usual", name=name)

    def labelled(value: str, usual: str | None = None) -> str:
        if usual is None or usual == value:
            return alone(value=value)
        return beside(value=value, usual=usual)

    return labelled


def _of_number(column: str, book: Book) -> Teller:
    labelled, written = _labelled(column, book), book.naming.numbers(column)
    bare = book.naming.numbers(column, with_unit=False)

    usual_before = (math.nan, "")  # the usual value is one and the same for every lead

    def tell(values: Sequence[float], usual: Sequence[float] | None) -> str:
        nonlocal usual_before
        value = values[0]
        if usual is None or math.isnan(usual[0]) or usual[0] == value:
            return labelled(written(value), None)
        known, beside = usual_before
        if known != usual[0]:
            beside = bare(usual[0])
            usual_before = (usual[0], beside)
        return labelled(written(value), beside)

    return tell


def _of_boolean(column: str, book: Book) -> Teller:
    labelled = _labelled(column, book)
    words = {None: None, False: book.named("values", "no"), True: book.named("values", "yes")}
    said = Sayings(lambda value, usual: labelled(words[value] or "", words[usual]))

    def tell(values: Sequence[float], usual: Sequence[float] | None) -> str:
        beside = None if usual is None or math.isnan(usual[0]) else usual[0] == 1.0
        return said[values[0] == 1.0, beside]

    return tell


def _of_categories(features: Sequence[Feature], book: Book) -> Teller:
    if len(features) == 1:
        return _of_category(features[0], book)
    return (_of_channel if features[1].part == "source" else _of_country)(features, book)


def _of_category(feature: Feature, book: Book) -> Teller:
    labelled = _labelled(feature.about, book)
    texts = [labelled(word, None) for word in _values_of(feature, book)]
    rare = labelled(book.named("values", "rare"), None)
    return lambda values, _: _coded(texts, values[0]) or rare


def _of_channel(features: Sequence[Feature], book: Book) -> Teller:
    """Return what says the company's own word for how a lead came, and as which source it is counted.

    That is left out where the word says it: 'Organic search', counted as search.
    """
    channel, source = features[0], features[1]
    labelled, words = _labelled(channel.about, book), _values_of(channel, book)
    sources = [book.named("counted_as", name) for name in source.vocabulary]
    rare = book.named("values", "rare")

    def say(code: float, source_code: float) -> str:
        told, counted_as = _coded(words, code) or rare, _coded(sources, source_code)
        if counted_as is None or counted_as.casefold() in told.casefold():
            return labelled(told, None)
        return labelled(book.text("source", value=told, source=counted_as), None)

    return _of_two_codes(say)


def _of_two_codes(say: Callable[[float, float], str]) -> Teller:
    said = Sayings(say)
    return lambda values, _: said[_code(values[0]), _code(values[1])]


_NO_CODE = -1.0


def _code(value: float) -> float:
    return _NO_CODE if math.isnan(value) else value


def _values_of(feature: Feature, book: Book) -> list[str]:
    return [book.naming.value(feature.about, text) for text in feature.vocabulary]


def _coded(words: Sequence[str], code: float) -> str | None:
    """Return the word of a code, None for the code of values without a name and where it is missing."""
    return None if math.isnan(code) or not 0 <= code < len(words) else words[int(code)]


def _of_country(features: Sequence[Feature], book: Book) -> Teller:
    country, region = features[0], features[1]
    labelled, words = _labelled(country.about, book), _values_of(country, book)
    regions = [book.named("regions", name) for name in region.vocabulary]
    name, rare = book.naming.column(country.about), book.named("values", "rare")

    def say(code: float, region_code: float) -> str:
        told, where = _coded(words, code), _coded(regions, region_code)
        if where is None:
            return labelled(told or rare, None)
        if told is None:
            return book.text("country_other", name=name, region=where)
        return book.text("country", name=name, country=told, region=where)

    return _of_two_codes(say)


def _of_title(features: Sequence[Feature], book: Book) -> Teller:
    name = book.naming.column(features[0].about)
    ranks, functions = (
        [None if word == _OTHER else book.named(section, word) for word in feature.vocabulary]
        for section, feature in zip(("seniority", "functions"), features, strict=False)
    )

    def say(rank_code: float, function_code: float) -> str:
        rank, function = _known(ranks, rank_code), _known(functions, function_code)
        if rank and function:
            return book.text("title", name=name, seniority=rank, function=function)
        if rank:
            return book.text("title_seniority", name=name, seniority=rank)
        if function:
            return book.text("title_function", name=name, function=function)
        return book.text("title_neither", name=name)

    return _of_two_codes(say)


def _known(words: Sequence[str | None], code: float) -> str | None:
    return None if math.isnan(code) or not 0 <= code < len(words) else words[int(code)]


def _of_several(features: Sequence[Feature], book: Book) -> Teller:
    column = features[0].about
    labelled = _labelled(column, book)
    words = [book.naming.value(column, str(feature.part)) for feature in features]
    comma, none = book.catalogue.marks["values.separator"], book.named("values", "none_common")

    def tell(values: Sequence[float], _: Sequence[float] | None) -> str:
        held = [word for word, value in zip(words, values, strict=True) if value == 1.0]
        told = comma.join(held[:MOST_LISTED]) or none
        more = len(held) - MOST_LISTED
        return labelled(book.counted("more", more, list=told) if more > 0 else told, None)

    return tell


def _of_codes(feature: Feature, section: str, book: Book) -> Teller:
    texts = [book.named(section, word) for word in feature.vocabulary]
    return lambda values, _: texts[int(values[0])]


def _of_age(book: Book) -> Teller:
    def say(days: int, beside: int) -> str:
        told = book.counted("age", days)
        if beside == days:
            return told
        return book.text("age_usual", said=told, usual=book.numerals.number(beside))

    said = Sayings(say)

    def tell(values: Sequence[float], usual: Sequence[float] | None) -> str:
        days = whole_days(values[0])
        return said[days, days if usual is None or math.isnan(usual[0]) else whole_days(usual[0])]

    return tell


def _of_completeness(book: Book) -> Teller:
    def say(held: float, usually: float | None) -> str:
        share = book.numerals.percent(held)
        beside = None if usually is None else book.numerals.percent(usually)
        if beside is None or beside == share:
            return book.text("completeness", share=share)
        return book.text("completeness_usual", share=share, usual=beside)

    said = Sayings(say)  # of so many columns there are only so many shares

    def tell(values: Sequence[float], usual: Sequence[float] | None) -> str:
        return said[values[0], None if usual is None or math.isnan(usual[0]) else usual[0]]

    return tell
