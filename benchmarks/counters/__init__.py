"""Exact counts of work and of compiled code, kept in `benchmarks/expected`: a change is in the diff."""
