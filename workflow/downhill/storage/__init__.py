"""Files on disk: atomic writes, JSON, archives of arrays, and locks."""
