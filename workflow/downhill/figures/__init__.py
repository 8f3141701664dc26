"""The figures: one module a family, each public function one figure, drawn from a claim's evidence alone."""
