"""Names that were meant."""

import pytest

from simclf.similarity._suggest import suggest


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("t cell ", " Did you mean 'T cell'?"),
        ("T cel", " Did you mean 'T cell'?"),
        ("7", " Did you mean 7?"),
        ("neuron", ""),
    ],
)
def test_the_nearest_spelling_or_nothing(wanted, expected):
    assert suggest(wanted, ["B lymphocyte", "T cell", 7]) == expected
