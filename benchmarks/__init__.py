"""Speed, measured as ratios within one run against stated rivals on the same work: ``python -m benchmarks``."""
