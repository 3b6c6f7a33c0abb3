"""Promotion: whether a version may take the place of the champion."""
