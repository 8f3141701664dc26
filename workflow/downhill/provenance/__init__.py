"""How a result was made: records, their lineage, and digests of code."""
