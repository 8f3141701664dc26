"""Code that relies on private parts of other libraries, with one module per library.

When a new version of a library changes them, `tests/unit/compat` fails first. The modules are separate because code
digests cover whole modules: training must not be repeated when only the format of Snakemake's log changes.
"""
