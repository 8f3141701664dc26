"""Downhill: do neural networks learn the way the lessons say? `snakemake` runs the default study.

The workflow is in `workflow/Snakefile`, where Snakemake's catalog and Snakedeploy expect it.
"""


include: "workflow/Snakefile"


# An included file cannot choose what is made by default.
workflow.default_target = "all"
