"""Benchmarks: ratios of one run, rounds interleaved."""
