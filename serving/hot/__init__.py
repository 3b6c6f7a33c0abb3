"""The way of a stateless score: from the bytes of a request to those of its answer, in one pass."""
