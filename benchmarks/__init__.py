"""Downhill's engine side by side with its peers: `make bench`. See README.md in this folder."""
