"""Kernels for other libraries: penalties over whole arrays."""

from fastreg.kernels.arrays import gradient, prox, value

__all__ = ["gradient", "prox", "value"]
