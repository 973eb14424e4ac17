"""Strengths to and from the parameters of other libraries; nothing else in fastreg translates them."""

from fastreg.conventions.scikit_learn import from_scikit_learn, to_scikit_learn

__all__ = ["from_scikit_learn", "to_scikit_learn"]
