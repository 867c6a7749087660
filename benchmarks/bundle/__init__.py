"""Training on a borrowed machine without a network: one archive there, one archive back.

`pack.py` makes the archive here, `absorb.py` enters what came back. `work.py` and what it imports run there, with
torch, torchvision, NumPy, pandas and pyarrow alone. How to use it: docs/bundle.md.
"""
