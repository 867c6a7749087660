"""How fast each job is on this machine, beside the conventional way: `acsbench speed`."""
