"""
As in scikit-learn
==================

The estimators take scikit-learn's parameters and mean the same by them, in pipelines, searches and
everywhere else.
"""

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from fastreg import LogisticRegression

X, y = load_breast_cancer(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=42)

model = make_pipeline(StandardScaler(), LogisticRegression(penalty="l2", C=1.0, random_state=42))
model.fit(X_train, y_train)
print(f"accuracy on rows that took no part: {model.score(X_test, y_test):.3f}")

# %%
# scikit-learn finds the same weights, if it is asked for as many digits.

import sklearn.linear_model

theirs = sklearn.linear_model.LogisticRegression(C=1.0, solver="newton-cholesky", tol=1e-10)
theirs = make_pipeline(StandardScaler(), theirs).fit(X_train, y_train)
print(f"largest difference of a weight: {np.abs(model[-1].coef_ - theirs[-1].coef_).max():.0e}")

# %%
# C is one over lambda, up to a factor: the smaller it is, the stronger the penalty. Accuracy over C:

from matplotlib import pyplot as plt

Cs = np.geomspace(1e-4, 1e4, 17)
scores = np.array(
    [
        [model.set_params(logisticregression__C=C).fit(X_train, y_train).score(*rows) for C in Cs]
        for rows in ((X_train, y_train), (X_test, y_test))
    ]
)
figure, axes = plt.subplots(figsize=(5.2, 3.6), layout="constrained")
axes.semilogx(Cs, scores[0], "--", color="#d95f02", label="rows learned from")
axes.semilogx(Cs, scores[1], "-", color="#0b2a5b", label="rows that took no part")
axes.set(xlabel="C (weaker penalty to the right)", ylabel="accuracy")
axes.legend(frameon=False)
axes.spines[["top", "right"]].set_visible(False)
