"""Losses: one file each, scalar functions of a target and a prediction."""

from fastreg.losses.logistic import Logistic
from fastreg.losses.squared import Squared

__all__ = ["Logistic", "Squared"]
