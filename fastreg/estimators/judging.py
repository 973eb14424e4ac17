"""What estimators that choose a strength share: metadata for splitter and scorer, scores of rows held out."""

import copy
import inspect
from numbers import Number

import numpy as np
import sklearn
from sklearn.base import is_classifier
from sklearn.metrics import get_scorer, make_scorer
from sklearn.model_selection import check_cv
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing


class Chooser:
    """An estimator with the parameters ``cv`` and, perhaps, ``scoring``; metadata is routed to both."""

    def _scorer(self):
        """Return what judges rows held out, None for the loss."""
        scoring = getattr(self, "scoring", None)
        return None if scoring is None else get_scorer(scoring)

    def _route(self, sample_weight, params):
        """Return what goes to the splitter and what to the scorer, as two dicts."""
        if sklearn.get_config()["enable_metadata_routing"]:
            routed = process_routing(self, "fit", sample_weight=sample_weight, **params)
            return routed.splitter.split, getattr(routed, "scorer", {"score": {}})["score"]
        if params:
            raise ValueError(
                f"fit got {', '.join(params)}: call sklearn.set_config(enable_metadata_routing=True) first, "
                f"or pass cv the pairs of the splitter."
            )
        alike = sample_weight is None or isinstance(sample_weight, Number)
        return {}, {} if alike else {"sample_weight": sample_weight}

    def _pairs(self, X, y, routed):
        """Return the rows of each fold, as the splitter has them."""
        return check_cv(self.cv, y, classifier=is_classifier(self)).split(X, y, **routed)

    def get_metadata_routing(self):
        """Say where metadata goes: sample weights to the fit, the rest to splitter and scorer.

        Returns
        -------
        MetadataRouter
        """
        router = MetadataRouter(owner=self).add_self_request(self)
        to_splitter = MethodMapping().add(caller="fit", callee="split")
        router.add(splitter=check_cv(self.cv), method_mapping=to_splitter)
        scorer = self._scorer()
        if scorer is not None:
            to_scorer = MethodMapping().add(caller="fit", callee="score").add(caller="score", callee="score")
            router.add(scorer=scorer, method_mapping=to_scorer)
        return router


class Judge:
    """Scores predictions of rows that were held out.

    Parameters
    ----------
    plain : estimator
        Without weights, of the kind that scorers are to see.
    scorer : function of (estimator, X, y)
        Those of `sklearn.metrics.make_scorer` know a fit by its predictions: for them no row of X is copied.
    X, y : data of all rows
    params : dict
        What is routed to the scorer.

    Attributes
    ----------
    needs_rows : bool
        Whether the scorer is a function that is shown fits, and rows of X.
    """

    def __init__(self, plain, scorer, X, y, params):
        self._known = copy.copy(plain)
        # What is passed as X are the values; classifiers have them in columns.
        self._known._linear_function = _columns if is_classifier(plain) else np.asarray
        self._plain, self._X, self._y, self._params = plain, X, y, params
        self.needs_rows = not hasattr(scorer, "_score_func")
        self._scorer = _with_labels(scorer, plain) if is_classifier(plain) else scorer
        self._config = sklearn.get_config()  # of this thread: others begin with the default

    def of_fit(self, rows, coef, intercept):
        """Return the score at some rows of a fit, whose weights are as the estimator keeps them."""
        model = copy.copy(self._plain)
        model.coef_, model.intercept_ = coef, intercept
        return self._score(model, self._X[rows], rows)

    def by_predictions(self, rows, values):
        """Return the score of values of the linear function at some rows, whatever the scorer."""
        return self._score(self._known, values, rows)

    def _score(self, model, X, rows):
        params = {name: self._of_rows(value, rows) for name, value in self._params.items()}
        with sklearn.config_context(**self._config):
            return float(self._scorer(model, X, self._y[rows], **params))

    def _of_rows(self, value, rows):
        array = np.asarray(value)
        return array[rows] if array.ndim and len(array) == len(self._y) else value


def _with_labels(scorer, classifier):
    """Return a scorer that knows all classes, those too that a fold does not hold."""
    function = getattr(scorer, "_score_func", None)
    accepted = inspect.signature(function).parameters if function else {}
    if "labels" not in accepted:
        return scorer
    words = {"labels": classifier.classes_}
    if "pos_label" in accepted and classifier.classes_.size == 2:
        words["pos_label"] = classifier.classes_[-1]
    return make_scorer(
        function, greater_is_better=scorer._sign == 1, response_method=scorer._response_method,
        **(words | scorer._kwargs),
    )  # fmt: skip


def _columns(values):
    return np.reshape(values, (len(values), -1))
