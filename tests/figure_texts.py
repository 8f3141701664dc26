"""The text in figures."""

from matplotlib.figure import Figure


def words(figure: Figure) -> str:
    """All text of a page outside its panels, on one line."""
    return " ".join(" ".join(text.get_text() for text in figure.texts).split()).replace("\u00a0", " ")
