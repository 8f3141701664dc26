"""The figures: one module per family. Each public function draws one figure from a claim's evidence alone."""

from downhill.storage.caches import give_matplotlib_a_folder

give_matplotlib_a_folder()  # before Matplotlib is imported
