"""What relies on private parts of other libraries, one module for each library.

`tests/unit/compat` fails first when a new version of a library changes them. The modules are separate because a digest
of code covers whole modules: training must not be repeated when only the format of Snakemake's log changes.
"""
