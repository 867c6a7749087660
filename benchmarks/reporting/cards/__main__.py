"""`python -m benchmarks.reporting.cards [folder]`."""

from benchmarks.reporting.cards.cards import main

main()
