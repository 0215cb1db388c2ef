"""Small published networks that have no library: modules whose names are those of the published weights."""
