"""Upscalers' architectures, in the key names that published files use."""
