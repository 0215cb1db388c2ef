"""What goes with the starter model, trained the same way and shipped in the formats that people exchange."""
