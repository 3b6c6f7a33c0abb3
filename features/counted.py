"""How many there are, said in words: '1 lead', '2,000 leads'."""


def counted(count: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun. `many`: the plural, where it is not `one` with an s.

    >>> counted(1, "lead"), counted(2_000, "lead"), counted(0, "process", "processes")
    ('1 lead', '2,000 leads', '0 processes')
    """
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
