"""The reviewer's ladder: check what is committed, as far up as this machine allows.

(a) tables, figures, pages and cards from committed scores: no data, no torch (`shown`);
(b) scores from committed predictions: where `prepared/benchmarks/<benchmark>/` is at hand (`scored`);
(c) one cell trained anew, judged against the stored intervals (`trained`).
"""
