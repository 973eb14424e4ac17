"""
L1, L2 and both
===============

Three penalties on the same data. L2 shrinks all weights and makes none 0. L1 makes most of them 0, and of
columns that say nearly the same (radius, perimeter and area of a tumour) it keeps one. The elastic net keeps
such columns together.
"""

import numpy as np
from matplotlib import pyplot as plt
from sklearn.datasets import load_breast_cancer

import fastreg
from fastreg.losses import Logistic
from fastreg.penalties import L1, L2, ElasticNet

data = load_breast_cancer()
X = (data.data - data.data.mean(axis=0)) / data.data.std(axis=0)
y = np.where(data.target == 1, 1.0, -1.0)

figure, axes = plt.subplots(1, 3, figsize=(8, 4.6), sharey=True, layout="constrained")
for ax, penalty in zip(axes, (L2(0.02), ElasticNet(0.03, 0.5), L1(0.02)), strict=True):
    solution = fastreg.solve(X, y, loss=Logistic(), penalty=penalty)
    ax.barh(data.feature_names, solution.coef, color="#0b2a5b")
    ax.set_title(f"{type(penalty).__name__}: {np.count_nonzero(solution.coef)} not 0", fontsize=10)
    ax.tick_params(axis="y", labelsize=7)
    ax.spines[["top", "right"]].set_visible(False)
