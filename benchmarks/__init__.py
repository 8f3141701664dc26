"""Benchmarks of Downhill's engine and its peers: `make bench`. See README.md in this folder."""
