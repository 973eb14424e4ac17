"""
Weights at a high and at a low lambda
=====================================

What a penalty does to the weights: a strong one gathers them around 0, a weak one lets them spread.
"""

import numpy as np
from sklearn.datasets import load_digits

from fastreg import LogisticRegression
from fastreg.display import WeightHistogramDisplay

X, digit = load_digits(return_X_y=True)
X, is_eight = X / 16, digit == 8

strong = LogisticRegression(C=0.01).fit(X, is_eight)
weak = LogisticRegression(C=100.0).fit(X, is_eight)
display = WeightHistogramDisplay.from_estimators(strong, weak)

# %%
# The weights belong to the pixels of images of 8 x 8: purple where ink speaks for an eight, brown where it
# speaks against. The strong penalty leaves strokes, the weak one relies on single pixels.

from matplotlib import pyplot as plt

figure, axes = plt.subplots(1, 2, figsize=(6, 3), layout="constrained")
for ax, model in zip(axes, (strong, weak), strict=True):
    weights = model.coef_.reshape(8, 8)
    reach = np.abs(weights).max()
    ax.imshow(weights, cmap="PuOr", vmin=-reach, vmax=reach)
    ax.set(title=f"C = {model.C:g}, largest weight {reach:.2g}", xticks=[], yticks=[])

# %%
# The sum of squares is what the L2 penalty weighs, and its large weights make most of it.

for model in (strong, weak):
    print(f"C = {model.C:<6g} sum of squares {np.square(model.coef_).sum():9.3f}")
