"""What the scores of the cases can prove: intervals, tests, rankings, claims. DataFrames in, DataFrames out.

Every function takes the case scores of docs/contracts.md with a column `model`; docs/statistics.md defines each table.
"""
