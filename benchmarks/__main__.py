"""`python -m benchmarks`, the same as `acsbench`."""

from benchmarks.commands.app import main

if __name__ == "__main__":
    main()
