"""Fits of SGDClassifier and SGDRegressor to data that come in blocks of rows."""

import numpy as np

from fastreg.solvers.validation import checked_count


def passes_over(blocks, epochs):
    """Yield the blocks of every epoch, as a tuple (X, y) or (X, y, sample_weight) each.

    Parameters
    ----------
    blocks : iterable, or function that returns one
    epochs : int
    """
    epochs = checked_count("epochs", epochs, 1)
    if epochs > 1 and not _comes_again(blocks):
        raise ValueError(
            f"blocks is an iterator and can be read once, not for epochs={epochs!r}: pass a list, "
            f"fastreg.data.blocks(...), or a function that returns a new iterator."
        )
    for _ in range(epochs):
        count = 0
        for block in _begun(blocks):
            if not (isinstance(block, (tuple, list)) and len(block) in (2, 3)):
                raise TypeError(
                    f"Block {count} of blocks is of type {type(block).__name__}: make every block a tuple "
                    f"(X, y) or (X, y, sample_weight)."
                )
            count += 1
            yield block
        if count == 0:
            raise ValueError("blocks holds no block: pass at least one tuple (X, y).")


def classes_in(blocks):
    """Return the classes in all blocks, from a pass over them."""
    if not _comes_again(blocks):
        raise ValueError("blocks is an iterator and can be read once: pass classes, all that there will be.")
    found = [np.unique(np.asarray(block[1])) for block in passes_over(blocks, 1)]
    return np.unique(np.concatenate(found))


def _comes_again(blocks):
    return callable(blocks) or iter(blocks) is not blocks


def _begun(blocks):
    return blocks() if callable(blocks) else blocks


def fit_blocks(model, blocks, epochs, **first):
    """Fit a model anew, or from its weights if it is to start warm, by partial fits.

    Parameters
    ----------
    model : SGDClassifier or SGDRegressor
    blocks, epochs : see `passes_over`
    **first
        Further words for the first partial fit.
    """
    begun = model.warm_start
    for X, y, *weights in passes_over(blocks, epochs):
        if not begun:
            for name in [name for name in vars(model) if name.endswith("_")]:
                delattr(model, name)
            begun = True
        model.partial_fit(X, y, sample_weight=weights[0] if weights else None, **first)
        first = {}
    model.n_iter_ = epochs
    return model
