"""What Snakemake needs from the package: stages and their files, failures, signals."""
