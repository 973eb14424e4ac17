"""
A regularization path
=====================

A strong penalty holds all weights at 0. As lambda falls, one after the other earns more in the loss than it
costs, and leaves. Ten measurements of 442 diabetes patients, and how their disease went on after a year.
"""

from sklearn.datasets import load_diabetes

import fastreg
from fastreg.display import RegularizationPathDisplay
from fastreg.losses import Squared
from fastreg.penalties import L1

data = load_diabetes(scaled=False)
X = (data.data - data.data.mean(axis=0)) / data.data.std(axis=0)
path = fastreg.path(X, data.target, loss=Squared(), penalty=L1(1.0))

# %%
# `fastreg.path` starts at the lambda from which on all weights are 0, and goes down from there. Body mass
# index and the logarithm of triglycerides (s5) leave first. Two kinds of cholesterol, s1 and s2, are nearly
# copies of each other: at a weak penalty their weights grow large with opposite signs, and all but cancel.

display = RegularizationPathDisplay.from_path(path, feature_names=data.feature_names)

# %%
# Every one of these fits carries the proof of how good it is: the duality gap.

print(f"{len(path.strengths)} strengths, largest gap {path.gaps.max():.1e}")
