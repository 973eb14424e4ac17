"""How a matrix is read: as a stack of vectors, dense or sparse.

The vectors are columns for coordinate descent and rows for stochastic gradient, so two classes serve
both. X is never changed; its entries keep their own type while every sum is taken in double.
"""

from fastreg.designs.dense import Dense
from fastreg.designs.sparse import Sparse

__all__ = ["Dense", "Sparse"]
