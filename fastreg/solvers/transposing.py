"""From CSC to CSR and back, on all threads; SciPy's conversion has one."""

import numpy as np

from fastreg.jit import kernel, prefetch

_MOST_PARTS = 8
_AHEAD = np.uint64(32)  # entries
_PIECE = 4_000_000  # entries moved by one call of a kernel, so that Ctrl-C is heard


@kernel
def count_entries(part, start, stop, bounds, piece, pieces, indices, indptr, counts):
    """Add the entries at each position, over one piece of the vectors of a part, to counts[part]."""
    count = counts[part]
    first, last = _piece(bounds[part], bounds[part + 1], piece, pieces)
    for k in range(indptr[first], indptr[last]):
        count[indices[k]] += 1


@kernel
def move_entries(
    part, start, stop, bounds, piece, pieces, data, indices, indptr, places, new_data, new_indices
):
    """Write the entries of one piece of the vectors of a part to where ``places[part]`` says.

    Those places are far apart, and so asked for early.
    """
    place = places[part]
    first, last = _piece(bounds[part], bounds[part + 1], piece, pieces)
    end = np.uint64(indptr[indptr.size - 1])
    for j in range(first, last):
        for k in range(np.uint64(indptr[j]), np.uint64(indptr[j + 1])):
            if k + _AHEAD < end:
                soon = np.uint64(place[indices[k + _AHEAD]])
                prefetch(new_data, soon)
                prefetch(new_indices, soon)
            i = indices[k]
            target = np.uint64(place[i])
            new_data[target] = data[k]
            new_indices[target] = j
            place[i] += 1


@kernel
def _piece(first, last, piece, pieces):
    """Return the bounds of one of the equal pieces of a range."""
    return first + (last - first) * piece // pieces, first + (last - first) * (piece + 1) // pieces


def transposed(crew, data, indices, indptr, length):
    """Return data, indices and indptr of the same matrix as a stack of its other vectors.

    Parameters
    ----------
    crew : Crew
    data, indices, indptr : arrays
        Sparse vectors stored one after the other.
    length : int
        Of each vector; so many vectors are returned, their positions in ascending order.
    """
    n_vectors, nnz = indptr.size - 1, int(indptr[-1])
    # Counting takes one number per part and position, which must stay small against the matrix.
    parts = max(1, min(_MOST_PARTS, nnz // (8 * length)))
    bounds = np.searchsorted(indptr, nnz * np.arange(parts + 1) // parts)
    bounds[-1] = n_vectors
    pieces = -(-nnz // (_PIECE * parts))
    counts = np.zeros((parts, length), dtype=np.int64)
    for piece in range(pieces):
        crew.each(count_entries, range(parts + 1), bounds, piece, pieces, indices, indptr, counts)
    new_indptr = np.zeros(length + 1, dtype=np.int64)
    np.cumsum(counts.sum(axis=0), out=new_indptr[1:])
    places = new_indptr[:-1] + np.cumsum(counts, axis=0) - counts
    new_data, new_indices = np.empty(nnz, dtype=data.dtype), np.empty(nnz, dtype=np.uint32)
    for piece in range(pieces):
        crew.each(
            move_entries, range(parts + 1), bounds, piece, pieces, data, indices, indptr, places, new_data,
            new_indices,
        )  # fmt: skip
    return new_data, new_indices, new_indptr
