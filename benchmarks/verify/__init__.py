"""The reviewer's ladder: check what is committed, as far up as this machine allows.

(a) without data or torch: files are those that the pipeline made (`locked`), results of one training agree with each
    other (`agreed`) and with their fingerprints (`fingerprinted`), folds are drawn anew (`folds`), tables, figures,
    pages and cards are made anew (`shown`), and the numbers in texts are those on file (`numbers`);
(b) scores from committed predictions: where `prepared/benchmarks/<benchmark>/` is at hand (`scored`);
(c) one cell trained anew, judged against the stored intervals (`trained`).

Which check answers for which file stands in `owners`. Every check goes on after a fault and returns what it found
(`faults`). Only what git tracks is looked at (`tracked`).
"""
