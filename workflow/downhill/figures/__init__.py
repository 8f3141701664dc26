"""The figures: one module per family. Each public function draws one figure from a claim's evidence alone."""

import os

# For Matplotlib, which the modules here import: no backend is needed to draw into files, and the one that IPython sets
# for all processes that it starts may not be installed, which would be an error.
os.environ.pop("MPLBACKEND", None)
