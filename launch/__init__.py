"""Starting Atelier's processes on one machine: the studio, and the demo with a local Discord."""
