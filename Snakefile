"""Downhill: do neural networks learn the way the lessons say? `snakemake` runs the default study.

The workflow is in `workflow/Snakefile`, where Snakemake's catalog and Snakedeploy expect it.
"""

# Unlike the keyword `include`, this also takes over which rule is made by default.
workflow.include("workflow/Snakefile", overwrite_default_target=True)
