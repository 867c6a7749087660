"""What papers report, judged against what was computed here, and what reporting guidelines ask for."""
