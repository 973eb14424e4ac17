"""
Bias and variance
=================

With a strong penalty a model cannot follow the signal: it is as bad on the rows it learned from as on
others (bias, underfitting). With a weak one it follows the noise of the rows that it happened to see: it is
good on those and bad on others, and another sample would give another model (variance, overfitting). The
best lambda lies between.

Sixty of 569 tumours and their thirty measurements are few enough to see both.
"""

import numpy as np
from sklearn.datasets import load_breast_cancer

import fastreg
from fastreg.display import BiasVarianceDisplay
from fastreg.losses import Logistic
from fastreg.penalties import L2

X, kind = load_breast_cancer(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)
y = np.where(kind == 1, 1.0, -1.0)
rng = np.random.default_rng(0)
rows = rng.permutation(len(y))
few, unseen = rows[:60], rows[300:]

strengths = np.geomspace(10, 1e-6, 25)
found = fastreg.cross_validate(X[few], y[few], loss=Logistic(), penalty=L2(1.0), strengths=strengths, folds=5)
display = BiasVarianceDisplay.from_cross_validation(found)

# %%
# The words are meant literally. Draw sixty rows again and again, fit at each lambda, and look at the
# predictions for the rows that were never drawn from. Their mean moves away from what all rows together say
# (bias) as lambda grows; their scatter from draw to draw (variance) grows as lambda falls.

from matplotlib import pyplot as plt

best = fastreg.solve(X, y, loss=Logistic(), penalty=L2(1e-3))
truth = X[unseen] @ best.coef + best.intercept
bias, variance = [], []
for strength in strengths:
    predictions = []
    for draw in range(10):
        drawn = np.random.default_rng(draw).choice(rows[:300], 60, replace=False)
        solution = fastreg.solve(X[drawn], y[drawn], loss=Logistic(), penalty=L2(strength))
        predictions.append(np.tanh((X[unseen] @ solution.coef + solution.intercept) / 2))
    bias.append(np.mean((np.mean(predictions, axis=0) - np.tanh(truth / 2)) ** 2))
    variance.append(np.mean(np.var(predictions, axis=0)))

figure, axes = plt.subplots(figsize=(5.2, 3.6), layout="constrained")
axes.plot(strengths, bias, "-", color="#0b2a5b", label="squared bias")
axes.plot(strengths, variance, "--", color="#d95f02", label="variance")
axes.plot(strengths, np.add(bias, variance), ":", color="0.3", label="both")
axes.set(xscale="log", xlabel="lambda", ylabel="of the predicted mean label")
axes.invert_xaxis()
axes.legend(frameon=False)
axes.spines[["top", "right"]].set_visible(False)
