"""Small numerical kernels, each written once: exponentials, proximal maps of a number and of a vector.

All are plain Python functions that kernels can call, and that LLVM vectorises.
"""

from fastreg.numerics.exponentials import entropy_term, exp, log, log1p_of_unit, log1pexp, sigmoid
from fastreg.numerics.thresholds import (
    clipped,
    firm_threshold,
    prox_elastic_net,
    scad_threshold,
    shrink,
    soft_threshold,
)
from fastreg.numerics.vectors import group_soft_threshold, norm, project_l1_ball, project_simplex, scaling

__all__ = [
    "clipped",
    "entropy_term",
    "exp",
    "firm_threshold",
    "group_soft_threshold",
    "log",
    "log1p_of_unit",
    "log1pexp",
    "norm",
    "project_l1_ball",
    "project_simplex",
    "prox_elastic_net",
    "scad_threshold",
    "scaling",
    "shrink",
    "sigmoid",
    "soft_threshold",
]
