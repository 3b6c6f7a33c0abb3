"""What `leadlens doctor` looks at: each check looks at one thing, changes nothing, and says what to do."""

from leadlens.checks.every import examine
from leadlens.checks.finding import Finding, Installation, of_faults

__all__ = ["Finding", "Installation", "examine", "of_faults"]
