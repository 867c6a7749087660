"""Writes `dvc.yaml` from `params.yaml`: a study is one entry there, and a stage depends on what can change its outputs."""
