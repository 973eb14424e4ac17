"""Texts of unknown origin, such as names of columns, made fit for terminals and pictures."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    """Return a text without what would move the cursor or ring the bell."""
    return "".join(
        character if character.isprintable() or character == "\N{NO-BREAK SPACE}" else "?"
        for character in text
    )


def columns_of(text: str) -> int:
    """Return the columns that a text takes on a terminal."""
    return sum(
        0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )


def shortened(text: str, width: int) -> str:
    """Return a printable text of at most this width, cut with an ellipsis where it is longer."""
    text = printable(text)
    if columns_of(text) > width:
        while columns_of(text) > width - 1:
            text = text[:-1]
        text += "…"
    return text


def fitted(text: str, width: int) -> str:
    """Return a printable text of exactly this width: padded, or cut with an ellipsis."""
    text = shortened(text, width)
    return text + " " * (width - columns_of(text))
