"""Many runs on one machine or many: as processes, on a Ray cluster, as Slurm jobs (`acsbench launch`).

The unit is one run: a cell, a fold, a seed. Workers train it as `benchmarks.training.train` does, in the workspace's
`runs/`; the head (`head.py`) starts them at a place (`places/`), tries again what fails, collects the cells that are
whole and tells DVC. All that it knows lies in the files of the runs, so it can be killed and started again.
"""
