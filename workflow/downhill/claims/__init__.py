"""The claims: one module per family. Each public function is the statistic of one or more rows of `claims.tsv`."""
