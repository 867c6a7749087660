"""Two models, or two protocols, on the same cases: differences, tests, what they can prove."""
