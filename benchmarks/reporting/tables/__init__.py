"""Tables of a benchmark from its stored scores, as CSV, Markdown and LaTeX."""
