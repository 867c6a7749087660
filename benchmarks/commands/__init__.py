"""The command line: `acsbench`, or `python -m benchmarks`, the same. One file per group of jobs.

A command's function states what may be asked, in its signature and docstring, and imports what does the job within, so
that help needs no torch. Jobs of the pipeline are called as their stages are.
"""
