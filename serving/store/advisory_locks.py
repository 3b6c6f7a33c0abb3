"""Numbers of the advisory locks that the service takes in PostgreSQL: no two may share one."""

MIGRATING, SEALING, IN_USE = range(7_126_231_005, 7_126_231_008)
"""One process migrates, one transaction seals; services share the last, a restore has it alone."""
