"""Writes `dvc.yaml` from `params.yaml`: a study is one entry, a stage depends on what can change its outputs."""
