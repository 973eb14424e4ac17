"""
How fast a fit converges, with proof
====================================

After every round the solver computes a lower bound of all objectives, the dual one. The difference, the
duality gap, is an upper bound of how far the fit still has to go; it stops there, and not where its steps
have become small.
"""

import numpy as np
from sklearn.datasets import load_digits
from sklearn.preprocessing import PolynomialFeatures

import fastreg
from fastreg.display import ConvergenceDisplay, Trace
from fastreg.losses import Logistic
from fastreg.penalties import L1

X, digit = load_digits(return_X_y=True)
X = PolynomialFeatures(include_bias=False).fit_transform(X / 16)
y = np.where(digit == 8, 1.0, -1.0)
print(f"{X.shape[0]} images, {X.shape[1]} products of pixels")

# The first fit of a kind compiles, which is not to be in the picture.
fastreg.solve(X, y, loss=Logistic(), penalty=L1(1e-3), tol=1e-10)

trace = Trace()
solution = fastreg.solve(X, y, loss=Logistic(), penalty=L1(1e-3), tol=1e-10, callback=trace)
display = ConvergenceDisplay.from_trace(trace)

# %%
# The counts are exact integers, the same on every machine: what a fit does can be compared where time
# cannot.

print(solution.status)
for name, count in solution.work._asdict().items():
    print(f"{name:19s}{count:13,}")
