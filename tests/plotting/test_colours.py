"""Colours and markers of kinds."""

from simclf.plotting._colours import COLOURS, MARKERS, style_of


def test_kinds_have_looks_of_their_own():
    assert len({style_of(number) for number in range(60)}) == 60
    assert len({style_of(number, "white")[0] for number in range(60)}) == 7
    assert style_of(6, "white")[0] == "white"
    assert style_of(0) == (COLOURS[0], MARKERS[0])
