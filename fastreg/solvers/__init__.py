"""Solvers: they know losses, penalties and designs by the vocabulary only."""
