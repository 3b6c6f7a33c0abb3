"""What tests do on workers of a cluster: in a file of its own, because the workers import what it imports."""

from features.errors import Fault, InputError
from features.prepared import Prepared


def rows_of(prepared: Prepared, number: int, factor: int) -> tuple[int, int]:
    return number, factor * len(prepared.bucket(number).leads)


def refuse(item: int, shared: str) -> int:
    raise InputError(Fault(f"item {item}", shared, "another"))
