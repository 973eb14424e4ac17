"""Names of compiled functions that no other process gives.

Numba numbers the functions it compiles from 1 in every process and writes the number into the name
of the machine code. Two cached kernels from two processes may so hold different functions of one
name, and a third process that loads both would call whichever it loaded first.
"""
