"""Losses: one file each, scalar functions of a target and a prediction."""

from fastreg.losses.epsilon_insensitive import EpsilonInsensitive
from fastreg.losses.hinge import Hinge
from fastreg.losses.huber import Huber
from fastreg.losses.logistic import Logistic
from fastreg.losses.modified_huber import ModifiedHuber
from fastreg.losses.multinomial import Multinomial
from fastreg.losses.poisson import Poisson
from fastreg.losses.quantile import Quantile
from fastreg.losses.squared import Squared
from fastreg.losses.squared_epsilon_insensitive import SquaredEpsilonInsensitive
from fastreg.losses.squared_hinge import SquaredHinge

__all__ = [
    "EpsilonInsensitive",
    "Hinge",
    "Huber",
    "Logistic",
    "ModifiedHuber",
    "Multinomial",
    "Poisson",
    "Quantile",
    "Squared",
    "SquaredEpsilonInsensitive",
    "SquaredHinge",
]
