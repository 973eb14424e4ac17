"""How many instructions the hot kernels execute, by callgrind: figures that a busy machine does not move."""
