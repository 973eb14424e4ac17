"""The documentation of the universal functions, by their names in `fastreg.numerics`."""

TEXTS = {
    "soft_threshold": """
Return the soft threshold ``sign(x) max(|x| - threshold, 0)``: the proximal map of ``threshold |w|`` (lasso).

It minimises ``(w - x)^2 / 2 + threshold |w|`` over w.

Parameters
----------
x : array
    Numbers; for a step of length `step` and an L1 penalty of strength s, threshold is step * s.
threshold : array or float
    At least 0. 0 returns x.

Returns
-------
array
    float32 if all arguments are, else float64. Exactly 0 where abs(x) <= threshold; NaN where an
    argument is NaN. No floating-point warning is raised.

References
----------
Donoho and Johnstone (1994).

Examples
--------
>>> from fastreg.kernels import soft_threshold
>>> soft_threshold([3.0, -0.5, -2.0], 1.0)
array([ 2.,  0., -1.])
""",
    "shrink": """
Return x / (1 + amount): the proximal map of amount w^2 / 2 (ridge, weight decay).

Parameters
----------
x : array
    Numbers.
amount : array or float
    At least 0; for a step of length `step` and ``L2(s)``, whose value is s w^2, amount is 2 * step * s.

Returns
-------
array
    float32 if all arguments are, else float64.

Examples
--------
>>> from fastreg.kernels import shrink
>>> shrink([3.0, -1.5], 0.5)
array([ 2., -1.])
""",
    "prox_elastic_net": """
Return ``soft_threshold(x, l1) / (1 + l2)``: the proximal map of ``l1 |w| + l2 w^2 / 2`` (elastic net).

Parameters
----------
x : array
    Numbers.
l1, l2 : array or float
    At least 0; for a step of length `step` and ``ElasticNet(s, r)``, l1 is step * s * r and l2 is
    2 * step * s * (1 - r).

Returns
-------
array
    float32 if all arguments are, else float64. Exactly 0 where abs(x) <= l1.

References
----------
Zou and Hastie (2005).

Examples
--------
>>> from fastreg.kernels import prox_elastic_net
>>> prox_elastic_net([4.0, -0.5, -2.5], 1.0, 0.5)
array([ 2.,  0., -1.])
""",
    "firm_threshold": """
Return the firm threshold: the proximal map, for a step of length 1, of the minimax concave penalty.

The penalty is ``threshold |w| - w^2 / (2 gamma)`` for ``|w| <= gamma threshold`` and
``gamma threshold^2 / 2`` beyond; its map is 0 up to threshold,
``soft_threshold(x, threshold) / (1 - 1 / gamma)`` up to gamma threshold, and x from there on: large numbers
are not shrunk.

Parameters
----------
x : array
    Numbers.
threshold : array or float
    At least 0.
gamma : array or float
    Above 1 (the step is 1); infinity gives the soft threshold.

Returns
-------
array
    float32 if all arguments are, else float64.

References
----------
Gao and Bruce (1997); Zhang (2010).

Examples
--------
>>> from fastreg.kernels import firm_threshold
>>> firm_threshold([0.5, 1.5, 4.0], 1.0, 2.0)
array([0., 1., 4.])
""",
    "scad_threshold": """
Return the SCAD threshold: the proximal map, for a step of length 1, of smoothly clipped absolute deviation.

The slope of the penalty is threshold for ``|w| <= threshold``, ``(gamma threshold - |w|) / (gamma - 1)``
up to gamma threshold, and 0 beyond; its map is the soft threshold up to 2 threshold, x from gamma threshold
on, and a line between them.

Parameters
----------
x : array
    Numbers.
threshold : array or float
    At least 0.
gamma : array or float
    Above 2 (the step is 1); 3.7 is customary, infinity gives the soft threshold.

Returns
-------
array
    float32 if all arguments are, else float64.

References
----------
Fan and Li (2001).

Examples
--------
>>> from fastreg.kernels import scad_threshold
>>> scad_threshold([0.5, 1.5, 3.0, 5.0], 1.0, 4.0)
array([0. , 0.5, 2.5, 5. ])
""",
    "sigmoid": """
Return 1 / (1 + exp(-x)) without overflow, accurate to about two units in the last place in both tails.

Parameters
----------
x : array
    Numbers. float32 is computed in float64 and rounded once.

Returns
-------
array
    float32 if x is, else float64.

Examples
--------
>>> from fastreg.kernels import sigmoid
>>> sigmoid([0.0, 800.0])
array([0.5, 1. ])
""",
    "log1pexp": """
Return log(1 + exp(x)) without overflow: the logistic loss at margin -x, also called softplus.

Parameters
----------
x : array
    Numbers. float32 is computed in float64 and rounded once.

Returns
-------
array
    float32 if x is, else float64.

Examples
--------
>>> from fastreg.kernels import log1pexp
>>> log1pexp([800.0])
array([800.])
""",
    "group_soft_threshold": """
Return ``x max(1 - threshold / |x|, 0)``, the proximal map of ``threshold |w|``, L2 norms (group lasso).

Each vector along the last axis (or along that of ``axes=``, ``axis=``) is one group.

Parameters
----------
x : array of (..., n)
    Groups. Their norms are computed in float64, and squares may overflow.
threshold : array of (...) or float
    At least 0; for a step of length `step` and a group of weight g in ``GroupL2(s)``, step * s * g.

Returns
-------
array of (..., n)
    float32 if all arguments are, else float64. Exactly 0 where the norm is at most threshold; a group with
    a NaN is NaN throughout.

References
----------
Yuan and Lin (2006).

Examples
--------
>>> from fastreg.kernels import group_soft_threshold
>>> group_soft_threshold([[3.0, 4.0], [0.3, 0.4]], 2.5)
array([[1.5, 2. ],
       [0. , 0. ]])
""",
    "project_simplex": """
Return the nearest vector to x whose entries are at least 0 and add up to total.

Parameters
----------
x : array of (..., n)
    Vectors along the last axis, or along that of ``axes=``, ``axis=``.
total : array of (...) or float
    At least 0, else no such vector exists and the result is NaN.

Returns
-------
array of (..., n)
    float32 if all arguments are, else float64. NaN throughout where x has a NaN.

References
----------
Held, Wolfe and Crowder (1974); Michelot (1986); Condat (2016). No sort: a few passes over the vector.

Examples
--------
>>> from fastreg.kernels import project_simplex
>>> project_simplex([0.5, 1.5, -2.0], 1.0)
array([0., 1., 0.])
""",
    "project_l1_ball": """
Return the nearest vector to x whose absolute values add up to no more than radius.

Parameters
----------
x : array of (..., n)
    Vectors along the last axis, or along that of ``axes=``, ``axis=``.
radius : array of (...) or float
    At least 0, else no such vector exists and the result is NaN.

Returns
-------
array of (..., n)
    float32 if all arguments are, else float64; x itself where it lies in the ball. NaN throughout where x
    has a NaN.

References
----------
Duchi, Shalev-Shwartz, Singer and Chandra (2008); Condat (2016).

Examples
--------
>>> from fastreg.kernels import project_l1_ball
>>> project_l1_ball([3.0, -2.0, 0.5], 3.0)
array([ 2., -1.,  0.])
""",
}
