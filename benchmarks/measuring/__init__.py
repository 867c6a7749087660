"""What networks, balancing rules and the statistics cost: seconds, operations, memory. Needs torch."""
