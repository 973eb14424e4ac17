"""Strengths to and from the parameters of other libraries; nothing else in fastreg translates them."""

from fastreg.conventions.coordinate_descent import from_celer, from_skglm, to_celer, to_skglm
from fastreg.conventions.glmnet import from_glmnet, to_glmnet
from fastreg.conventions.scikit_learn import from_scikit_learn, to_scikit_learn
from fastreg.conventions.spark import from_spark, to_spark
from fastreg.conventions.statsmodels import from_statsmodels, to_statsmodels
from fastreg.conventions.vowpal_wabbit import from_vowpal_wabbit, to_vowpal_wabbit

__all__ = [
    "from_celer",
    "from_glmnet",
    "from_scikit_learn",
    "from_skglm",
    "from_spark",
    "from_statsmodels",
    "from_vowpal_wabbit",
    "to_celer",
    "to_glmnet",
    "to_scikit_learn",
    "to_skglm",
    "to_spark",
    "to_statsmodels",
    "to_vowpal_wabbit",
]
