"""The engine: one denoising loop on one device for every member's images (docs/engine.md).

`models.engine.api` says what goes in and comes out, `models.engine.engine.Engine` is the door.
"""
