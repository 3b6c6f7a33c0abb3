"""Scores over HTTP: what is asked, who answers, what is recorded and made again."""
