"""IP-Adapters (Ye et al. 2023): pictures that prompt (docs/control.md)."""
