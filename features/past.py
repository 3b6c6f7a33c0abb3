"""What training asks of a company's past, whether it is held in memory or read bucket by bucket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from features.batch import LeadBatch
    from features.following import Followed, Following
    from features.learning import Survey
    from features.mapping import Mapping
    from features.spec import FeatureSpec
    from features.vectors import Vectors


class Past(Protocol):
    """Leads by their positions, at moments (int64 microseconds UTC, one a position)."""

    mapping: Mapping
    extract_at: int
    created_at: NDArray[np.int64]
    """When each lead was created, int64 (leads,); NO_TIME for flat data."""
    owner: NDArray[np.int64]
    """Whose row each is, int64 (leads,): rows of one lead, or one person, share it."""
    owner_hash: NDArray[np.uint32]
    """The hash of the owner's id, uint32 (leads,): the same in every history that holds the lead."""

    def __len__(self) -> int:
        """Return the number of rows of leads."""
        ...

    def at(self, leads: NDArray[np.int64], as_of: NDArray[np.int64]) -> LeadBatch:
        """Return leads as they were known, all of them in memory."""
        ...

    def survey(self, leads: NDArray[np.int64], as_of: NDArray[np.int64]) -> Survey:
        """Return what these rows show of columns and events: what a spec is learned from."""
        ...

    def vectors(self, spec: FeatureSpec, leads: NDArray[np.int64], as_of: NDArray[np.int64]) -> Vectors:
        """Return feature vectors, float64 (n, features), in the order asked for."""
        ...

    def vectors_and_followed(
        self, spec: FeatureSpec, asked: Following, leads: NDArray[np.int64], as_of: NDArray[np.int64]
    ) -> tuple[Vectors, Followed]:
        """Return the same vectors, and which events came after the moments, in the order asked for."""
        ...

    def undated(self) -> list[str]:
        """Return the columns without any history."""
        ...

    @property
    def is_enriched(self) -> bool:
        """Whether tables of accounts are joined."""
        ...

    def without_enrichment(self) -> Past:
        """Return the same past as if no table of accounts had ever been joined."""
        ...
