"""What is checked before a cell trains, so that it stops in seconds, not in hours."""
