"""The claims: one module a family, each function the statistic of one row (or several) of `claims.tsv`."""
