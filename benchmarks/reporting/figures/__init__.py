"""Figures of a benchmark, each drawn from stored tables."""
