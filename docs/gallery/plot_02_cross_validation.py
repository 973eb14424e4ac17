"""
Choosing lambda by cross-validation
===================================

The loss on the rows learned from always falls with lambda. What a model is worth shows on rows that took no
part.
"""

from sklearn.datasets import load_diabetes

import fastreg
from fastreg.display import CrossValidationDisplay
from fastreg.losses import Squared
from fastreg.penalties import L1

X, y = load_diabetes(return_X_y=True)
X /= X.std(axis=0)
found = fastreg.cross_validate(X, y, loss=Squared(), penalty=L1(1.0), folds=10)

# %%
# The band is one standard error over the folds. Two lambdas are marked: that of least loss, and the
# strongest whose loss is within one standard error of it. From the data alone the two cannot be told apart,
# and the stronger one is simpler.

display = CrossValidationDisplay.from_cross_validation(found)

# %%

for name, place in (("least loss", found.best), ("one standard error", found.simplest)):
    coef = fastreg.solve(X, y, loss=Squared(), penalty=L1(found.strengths[place])).coef
    print(f"{name:18s}  lambda {found.strengths[place]:5.2f}  {(coef != 0).sum()} weights are not 0")

# %%
# `fastreg.LassoCV` is the same with scikit-learn's parameters.

model = fastreg.LassoCV(cv=10).fit(X, y)
display = CrossValidationDisplay.from_estimator(model)
