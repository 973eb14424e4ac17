"""Data sets that scikit-learn carries, so that the first run needs no file and no network."""

from __future__ import annotations

from .tables import Table


def builtin(task: str = "regression") -> Table:
    """Return a data set that is installed with scikit-learn.

    Parameters
    ----------
    task : {"regression", "classification"}
        Regression: the diabetes study (442 patients) with the 64 columns of the least angle regression paper:
        10 measurements, their 9 squares (sex has none) and 45 products, all standardised before they are
        multiplied. Classification: the Wisconsin breast cancer study (569 tumours, 30 columns).

    Returns
    -------
    Table

    References
    ----------
    Efron, Hastie, Johnstone and Tibshirani, "Least angle regression", Annals of Statistics 32 (2004).
    """
    import numpy as np
    from sklearn import datasets

    if task == "classification":
        cancer = datasets.load_breast_cancer()
        return Table(
            np.asfortranarray(cancer.data),
            np.asarray(cancer.target_names)[cancer.target],
            [str(name) for name in cancer.feature_names],
            "tumour",
            "breast cancer, carried by scikit-learn",
        )
    if task != "regression":
        raise ValueError(f"task is {task!r}; use 'regression' or 'classification'.")
    diabetes = datasets.load_diabetes()
    # scikit-learn scales the columns to unit length; unit variance keeps the products at a readable size.
    columns = diabetes.data * np.sqrt(len(diabetes.data))
    names = [str(name) for name in diabetes.feature_names]
    pairs = [(i, j) for i in range(len(names)) for j in range(i, len(names)) if i != j or names[i] != "sex"]
    products = [columns[:, i] * columns[:, j] for i, j in pairs]
    product_names = [f"{names[i]}^2" if i == j else f"{names[i]}*{names[j]}" for i, j in pairs]
    return Table(
        np.asfortranarray(np.column_stack([columns, *products])),
        diabetes.target,
        names + product_names,
        "progression",
        "diabetes with its squares and products, carried by scikit-learn",
    )
