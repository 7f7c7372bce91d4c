"""One colour a cluster: from dark to light, so that it reads in grey and for the colour-blind.

Numbers always stand beside the colours; no picture depends on colour alone.
"""

from __future__ import annotations

# Points on viridis (van der Walt and Smith, CC0): luminance rises evenly along it.
_ANCHORS = ("#440154", "#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#a0da39", "#fde725")
LEFT_OUT = "#d9d9d9"
INK = "#1a1a1a"
WHITE = "#ffffff"


def colours(k: int) -> tuple[str, ...]:
    """Return k colours as ``#rrggbb``, the darkest first.

    Examples
    --------
    >>> colours(2)
    ('#440154', '#fde725')
    """
    places = [n * (len(_ANCHORS) - 1) / max(1, k - 1) for n in range(k)]
    return tuple(_between(place) for place in places)


def ink_on(colour: str) -> str:
    """Return black or white, whichever is easier to read on a colour (at least 4.5 to 1).

    Examples
    --------
    >>> ink_on("#440154"), ink_on("#fde725")
    ('#ffffff', '#000000')
    """
    return WHITE if contrast(colour, WHITE) >= contrast(colour, "#000000") else "#000000"


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21.

    References
    ----------
    Web Content Accessibility Guidelines 2.2, success criterion 1.4.3.
    """
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, 0 (black) to 1 (white)."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(colour: str) -> list[float]:
    return [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]


def _between(place: float) -> str:
    """Return the colour at a place along the anchors, counted from 0."""
    left = min(int(place), len(_ANCHORS) - 2)
    share = place - left
    mixed = zip(_channels(_ANCHORS[left]), _channels(_ANCHORS[left + 1]), strict=True)
    return "#" + "".join(f"{round(255 * ((1 - share) * a + share * b)):02x}" for a, b in mixed)
