"""The scikit-learn estimators: they validate, encode, translate, call the solvers and keep the result."""

from fastreg.estimators.coordinate_descent import ElasticNet, Lasso
from fastreg.estimators.cross_validated import ElasticNetCV, LassoCV
from fastreg.estimators.cross_validated_linear import LinearClassifierCV, LinearRegressorCV
from fastreg.estimators.cross_validated_logistic import LogisticRegressionCV
from fastreg.estimators.cross_validated_ridge import RidgeCV
from fastreg.estimators.group_lasso import GroupLasso
from fastreg.estimators.linear import LinearClassifier, LinearRegressor
from fastreg.estimators.logistic import LogisticRegression
from fastreg.estimators.ridge import Ridge
from fastreg.estimators.sgd_classifier import SGDClassifier
from fastreg.estimators.sgd_regressor import SGDRegressor

__all__ = [
    "ElasticNet",
    "ElasticNetCV",
    "GroupLasso",
    "Lasso",
    "LassoCV",
    "LinearClassifier",
    "LinearClassifierCV",
    "LinearRegressor",
    "LinearRegressorCV",
    "LogisticRegression",
    "LogisticRegressionCV",
    "Ridge",
    "RidgeCV",
    "SGDClassifier",
    "SGDRegressor",
]
