"""Files on disk: atomic writes, archives of arrays, and locks."""
