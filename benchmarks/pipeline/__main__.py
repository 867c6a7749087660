"""`python -m benchmarks.pipeline [--check | --stop]`."""

from benchmarks.pipeline.write import main

main()
