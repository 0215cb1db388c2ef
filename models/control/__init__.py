"""ControlNets (Zhang et al. 2023): pictures that say where things are (docs/control.md)."""
