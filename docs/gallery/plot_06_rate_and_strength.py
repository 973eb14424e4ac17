"""
Learning rate and lambda in balance
===================================

A step of learning rate eta shrinks the weights by the share 2 eta lambda (L2), and the gradients put back
about eta times their size. The weights come to rest where the two are in balance. For losses without a
scale of their own, the perceptron's for one, only the product of the two counts: twice the learning rate
wants half the lambda.
"""

import numpy as np
from sklearn.datasets import load_breast_cancer

import fastreg
from fastreg.display import RateStrengthDisplay
from fastreg.losses import Hinge, Logistic
from fastreg.penalties import L2

X, kind = load_breast_cancer(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)
y = np.where(kind == 1, 1.0, -1.0)
rows = np.random.default_rng(1).permutation(len(y))
learned, judged = rows[:80], rows[80:]
grid = {"learning_rates": np.geomspace(0.001, 1, 7), "strengths": np.geomspace(1e-6, 1, 13), "epochs": 100}
data = {"X": X[learned], "y": y[learned], "X_val": X[judged], "y_val": y[judged], **grid}

# %%
# With the logistic loss most learning rates agree on the best lambda, 0.01: those fits have arrived at the
# optimum, which knows of no learning rate. At the bottom of the picture they have not. There the short steps
# themselves hold the weights back, and lambda hardly matters. The dashed line is where the product of the two
# is constant; here the best cells do not follow it.

study = fastreg.study(**data, loss=Logistic(), penalty=L2(1.0))
display = RateStrengthDisplay.from_study(study)

# %%
# The norm that the perceptron's weights come to rest at, against the product of the two: divided by the
# learning rate, all learning rates lie on one line.

from matplotlib import pyplot as plt

grid |= {"strengths": np.geomspace(1e-6, 0.1, 11), "epochs": 20}
study = fastreg.study(X, y, loss=Hinge(0.0), penalty=L2(1.0), **grid)
figure, axes = plt.subplots(figsize=(5.2, 3.6), layout="constrained")
rates = np.unique(study.learning_rate)
for rate, mark in zip(rates, "ov^s<>D", strict=True):
    row = study.learning_rate == rate
    product, norm = study.strength[row] * rate, study.norm[row] / rate
    axes.loglog(product, norm, mark, mfc="none", label=f"eta = {rate:.2g}")
axes.set(xlabel="eta x lambda", ylabel="norm of the weights / eta")
axes.legend(frameon=False, fontsize=8)
axes.spines[["top", "right"]].set_visible(False)
