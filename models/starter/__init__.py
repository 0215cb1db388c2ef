"""Atelier's starter model: a tiny Stable Diffusion, with everything that makes it again.

``scenes`` says what a picture may hold, ``grammar`` says it in words, ``renderer`` draws it, ``checker``
reads a picture back from its pixels, and ``python -m models.starter`` trains, exports and samples.
"""
