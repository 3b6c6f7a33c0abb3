"""What can be wrong with a registered model. Light to import: the front door needs it to say so."""


class ArtifactError(RuntimeError):
    """An artifact that is incomplete, altered, or of a layout that this version does not read."""


class NotNowError(ArtifactError):
    """An artifact that could not be prepared for a reason that may pass: no memory, no room, no time."""
