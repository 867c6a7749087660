"""`python -m benchmarks.reporting.page <output.html> <benchmark> [...]`."""

from benchmarks.reporting.page.render import main

main()
