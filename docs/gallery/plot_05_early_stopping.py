"""
Early stopping
==============

Stochastic gradient descent walks from weights 0 towards the minimum, and on its way passes the place where
it predicts best. To stop there is a penalty too: few steps hold the weights back as a strong lambda does.
"""

import numpy as np
from sklearn.datasets import load_breast_cancer

from fastreg import SGDClassifier
from fastreg.display import LearningCurveDisplay

X, kind = load_breast_cancer(return_X_y=True)
X = (X - X.mean(axis=0)) / X.std(axis=0)
rng = np.random.default_rng(1)
rows = rng.permutation(len(kind))
learned, judged = rows[:100], rows[100:]

model = SGDClassifier(
    loss="log_loss", alpha=0.0, learning_rate="constant", eta0=0.01, max_iter=100, n_iter_no_change=30,
    scoring="loss", exact_objective=True, random_state=0,
)  # fmt: skip
model.fit(X[learned], kind[learned], X_val=X[judged], y_val=kind[judged])

# %%
# The loss on the rows learned from goes on falling; minus the loss on the rows held out rises, turns, and
# falls. The weights of the epoch at its top are kept, whatever came after.

display = LearningCurveDisplay.from_estimator(model)

# %%
# Meanwhile the weights grow: without a penalty, an early end is all that holds them.

from matplotlib import pyplot as plt

figure, axes = plt.subplots(figsize=(5.2, 3), layout="constrained")
axes.plot(model.history_["epoch"], model.history_["norm"], color="#0b2a5b")
axes.set(xlabel="epoch", ylabel="norm of the weights")
axes.spines[["top", "right"]].set_visible(False)
