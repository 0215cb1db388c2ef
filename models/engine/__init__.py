"""The engine: one denoising loop on one device for every member's images (docs/engine.md)."""
