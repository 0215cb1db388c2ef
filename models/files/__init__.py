"""Weight files as they come from the world: what they are, and whether they may be read."""
