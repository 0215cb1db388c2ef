"""The gateway's transport compression: one context for all that a connection sends."""

import zlib
from collections.abc import Callable

Pack = Callable[[bytes], bytes]


def zlib_stream() -> Pack:
    """Each payload ends with a sync flush, 00 00 FF FF."""
    context = zlib.compressobj()
    return lambda data: context.compress(data) + context.flush(zlib.Z_SYNC_FLUSH)


def zstd_stream() -> Pack:
    """Each payload ends with a block of one endless frame."""
    import zstandard

    context = zstandard.ZstdCompressor().compressobj()
    return lambda data: context.compress(data) + context.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)


#: By the name that the bot asks for.
STREAMS: dict[str, Callable[[], Pack]] = {"zlib-stream": zlib_stream, "zstd-stream": zstd_stream}
