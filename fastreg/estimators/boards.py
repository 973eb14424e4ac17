"""What is kept of the fits of all folds: weights, rounds and scores, by grid and strength."""

import numpy as np


class Board:
    """Written by the threads that follow paths, each in entries of its own.

    Parameters
    ----------
    judge : Judge
    folds : list of Fold
    n_grids, n_strengths : int
    shape : tuple
        That of the weights of a fit, as the estimator keeps them: n_features comes last.
    keeps : bool
        Whether weights are kept for a judge too who needs none.

    Attributes
    ----------
    coefs, intercepts : arrays of (n_folds, n_grids, n_strengths) and the shape, or that without n_features
    n_iter, scores : arrays of (n_folds, n_grids, n_strengths)
    """

    def __init__(self, judge, folds, n_grids, n_strengths, shape, *, keeps):
        self._judge, self._folds, self._keeps = judge, folds, keeps or judge.needs_rows
        axes = len(folds), n_grids, n_strengths
        self.n_iter, self.scores = np.zeros(axes, dtype=np.int32), np.full(axes, np.nan)
        if self._keeps:
            self.coefs, self.intercepts = np.zeros(axes + shape), np.zeros(axes + shape[:-1])

    def watch(self, numbers):
        """Return the ``watch`` of `follow_folds` for grids of these numbers."""

        def watch(fold, grid, place, state, step):
            at = fold, numbers[grid], place
            self.n_iter[at] = step.n_iter
            if self._keeps:
                self.coefs[at] = state.problem.unscaled(state.coef).T
                self.intercepts[at] = state.intercept
            if not self._judge.needs_rows:
                held = self._folds[fold].held
                self.scores[at] = self._judge.by_predictions(held, state.prediction[held])
            return False

        return watch

    def judge_the_rest(self):
        """Show the fits to a scorer that is shown fits, in their order."""
        if not self._judge.needs_rows:
            return
        for at in np.ndindex(self.scores.shape):
            self.scores[at] = self._judge.of_fit(self._folds[at[0]].held, self.coefs[at], self.intercepts[at])
