"""Colours and markers of lines and points, which also the colour-blind tell apart."""

# Okabe and Ito's, without the yellow, which white paper swallows.
BLUE, VERMILION = "#0072B2", "#D55E00"
COLOURS = (BLUE, VERMILION, "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
# Not as many as there are colours, so that it takes long for a pair to come again.
MARKERS = "osD^vP*Xd"


def style_of(number: int, ink: str = "black") -> tuple[str, str]:
    """Colour and marker of the first, second, ... kind; the seventh is in the ink."""
    colours = (*COLOURS, ink)
    return colours[number % len(colours)], MARKERS[number % len(MARKERS)]
