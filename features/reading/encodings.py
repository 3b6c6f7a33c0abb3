"""Which encoding a text file is in: a byte-order mark, else valid UTF-8, else the likeliest old one."""

import codecs
from pathlib import Path

from charset_normalizer import from_bytes

from features.errors import Fault, InputError

_MARKS = (
    # UTF-32's little-endian mark begins with UTF-16's: the longer ones stand first.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OLD = (
    "latin_1",
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257"),
    *("cp932", "euc_jp", "gb18030", "big5", "euc_kr"),
)
_SIGNS = "€£§°²³«»…•·®©™\u00a0\u201a\u201e\u201c\u201d\u2018\u2019\u2013\u2014"
_WESTERN = (
    *("äöüÄÖÜßéèàáç", "àâäæçèéêëîïôœùûüÿÀÂÇÈÉÊËÎÏÔŒÙÛ", "áéíñóúüçÁÉÍÑÓÚÜ¿¡ºª", "àèéìíòóùÀÈÉÌÒÙ"),
    *("ãâáàçéêíóôõúüÃÂÁÀÇÉÊÍÓÔÕÚºª", "æøåéÆØÅÉ", "äöåéÄÖÅÉ", "ëïéèöüóáê"),
)
_ONE_LANGUAGE = 0.98
_SAMPLE_BYTES = 32_768
_CHUNK_BYTES = 1 << 22


def encoding_of(path: Path, old: str | None = None) -> str:
    """Return the name of the codec that reads `path`.

    `old` is the encoding that other files of the company were in: it is taken where this one is neither
    marked nor UTF-8, before anything is guessed.

    The whole file is looked at, because one Latin-1 name in the last row is enough to break UTF-8.
    Where it is neither marked nor UTF-8, and Windows-1252 does not give the accents of one Western language
    without control characters, charset-normalizer judges the lines that hold other than
    ASCII; Windows-1252 wins wherever it is plausible at all (a few accented names fit many encodings,
    and it is by far the commonest), and Latin-1 stands in where Windows-1252 leaves a byte undefined.

    Raises InputError where the bytes are no text.
    """
    with path.open("rb") as file:
        start = file.read(_SAMPLE_BYTES)
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    if b"\0" in start:
        return _unmarked_utf16(path, start)
    valid_utf8, foreign = _scan(path)
    return "utf-8" if valid_utf8 else old or _old_encoding(foreign)


def _scan(path: Path) -> tuple[bool, bytes]:
    """Return whether the file is UTF-8, and a sample of its lines that are not ASCII."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    valid, foreign = True, bytearray()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            if b"\0" in chunk:
                raise not_text(path)
            if valid:
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError:
                    valid = False
            if len(foreign) < _SAMPLE_BYTES and not chunk.isascii():
                lines = (line for line in chunk.splitlines(keepends=True) if not line.isascii())
                foreign += b"".join(lines)[:_SAMPLE_BYTES]
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            valid = False
    return valid, bytes(foreign)


def _old_encoding(foreign: bytes) -> str:
    if _is_western(foreign):
        return "cp1252"
    plausible = [match.encoding for match in from_bytes(foreign, cp_isolation=list(_OLD))]
    if plausible and not {"cp1252", "latin_1"} & set(plausible):
        return plausible[0]
    try:
        foreign.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"


def _is_western(foreign: bytes) -> bool:
    """Whether Windows-1252 gives the accents of one Western language, and no control characters."""
    try:
        text = foreign.decode("cp1252")
    except UnicodeDecodeError:
        return False
    marks = [sign for sign in text if not sign.isascii() and sign not in _SIGNS]
    if any("\x7f" <= sign < "\xa0" for sign in text):
        return False
    return any(sum(mark in accents for mark in marks) >= _ONE_LANGUAGE * len(marks) for accents in _WESTERN)


def _unmarked_utf16(path: Path, start: bytes) -> str:
    """Return the byte order of UTF-16 without a mark: mostly-Latin text has a zero in every pair."""
    pairs = max(1, len(start) // 2)
    if start[1::2].count(0) > 0.7 * pairs and start[0::2].count(0) < 0.1 * pairs:
        return "utf-16-le"
    if start[0::2].count(0) > 0.7 * pairs and start[1::2].count(0) < 0.1 * pairs:
        return "utf-16-be"
    raise not_text(path)


def not_text(path: Path) -> InputError:
    """Return the error that says that a file is no text."""
    return InputError(
        Fault(
            path.name,
            "a text file with one row a line (CSV) or a Parquet file",
            "bytes that are no text",
            "Export the table as CSV (from a spreadsheet: 'Save as', 'CSV UTF-8').",
        )
    )
