"""logitlab beside what a user would call instead: `make bench`, or `python -m benchmarks --help`."""
