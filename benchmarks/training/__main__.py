"""`python -m benchmarks.training`: where the jobs of this package are."""

if __name__ == "__main__":
    print(
        "benchmarks.training is a package to import. Its jobs: `python -m benchmarks train`, `collect`, `external` and "
        "`fingerprints`; each with --help says what it takes."
    )
