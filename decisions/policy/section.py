"""What all sections of a policy have in common: nothing in them is unknown, and nothing changes."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A table of a policy file. A key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)
