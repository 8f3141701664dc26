"""The command line: one short command for each stage, and queries."""
