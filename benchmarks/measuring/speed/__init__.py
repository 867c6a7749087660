"""How fast each job is on this machine, beside the conventional way: `python -m benchmarks.measuring.speed`."""
