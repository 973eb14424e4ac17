import numpy as np

from fastreg.kernels.arrays import gradient as gradient
from fastreg.kernels.arrays import prox as prox
from fastreg.kernels.arrays import value as value

__all__: list[str]

soft_threshold: np.ufunc
shrink: np.ufunc
prox_elastic_net: np.ufunc
firm_threshold: np.ufunc
scad_threshold: np.ufunc
group_soft_threshold: np.ufunc
project_simplex: np.ufunc
project_l1_ball: np.ufunc
sigmoid: np.ufunc
log1pexp: np.ufunc
