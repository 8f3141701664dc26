"""Files on disk: written whole or not at all, archives of arrays, and locks."""
