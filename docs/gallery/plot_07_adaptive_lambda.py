"""
A lambda that adapts
====================

``alpha="adaptive"`` looks for lambda during one fit: it begins where the penalty holds all weights at
nearly 0, divides lambda after every epoch, and watches rows that were held out. It ends with the weights of
the best epoch.
"""

import numpy as np
from matplotlib import pyplot as plt
from sklearn.datasets import load_digits

from fastreg import SGDClassifier

X, digit = load_digits(return_X_y=True)
X, is_eight = X / 16, digit == 8
rng = np.random.default_rng(0)
rows = rng.permutation(len(is_eight))
learned, judged = rows[:1200], rows[1200:]

model = SGDClassifier(loss="log_loss", penalty="l1", alpha="adaptive", learning_rate="auto", random_state=0)
model.fit(X[learned], is_eight[learned], X_val=X[judged], y_val=is_eight[judged])
print(model.stop_reason_)
print(f"lambda {model.alpha_:.1e}, {np.count_nonzero(model.coef_)} of 64 pixels")
print(f"accuracy {model.score(X[judged], is_eight[judged]):.3f}")

# %%
# Lambda falls fast at first; around the best it is tried again with steps that fall to 0.

history = model.history_
figure, (above, below) = plt.subplots(2, 1, figsize=(5.2, 4.4), sharex=True, layout="constrained")
above.semilogy(history["epoch"], history["alpha"], "o-", color="#0b2a5b", markersize=4)
above.set(ylabel="lambda")
below.plot(history["epoch"], history["validation_score"], "o-", color="#d95f02", markersize=4)
below.set(xlabel="epoch", ylabel="score on the rows held out")
for axes in (above, below):
    axes.spines[["top", "right"]].set_visible(False)
