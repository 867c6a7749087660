"""`python -m acsnet`: what this package is, and where its jobs are."""

if __name__ == "__main__":
    print(
        "acsnet is a network to import: `from acsnet import ACSNet`.\n"
        "`python -m benchmarks check acsnet` tells how it keeps its contract, `python -m benchmarks train --help` "
        "how it is trained."
    )
