"""The tables of claims and the wording of their numbers."""
