"""asv benchmarks. Each bears its own `version`: raise it when what it measures changes."""
