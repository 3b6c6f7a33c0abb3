"""Backups: all that a home and its store keep, as a folder that is checked before it counts."""

from serving.backup.make import Made, make_backup
from serving.backup.restore import Restored, restore_backup

__all__ = ["Made", "Restored", "make_backup", "restore_backup"]
