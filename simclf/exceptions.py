"""Warnings that a user may want to silence by name."""


class SimilarityWarning(UserWarning):
    """A table is usable, but says something its author may not have meant."""
