"""The figures: one module per family. Each public function draws one figure from a claim's evidence alone."""
