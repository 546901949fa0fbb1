"""The graph file: named arrays behind a header, checksummed, mapped into memory and shared.

Layout: magic, then lengths and CRC-32 of header and payload, then the JSON header padded with
spaces, then the arrays, each aligned to 64 bytes. Every byte of the file is under a checksum, and
the same arrays always make the same bytes.
"""

from __future__ import annotations

import json
import mmap
import os
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solver.errors import DamagedGraph

MAGIC = b"WILDWALK"
FORMAT_VERSION = 1
_PREFIX = struct.Struct("<8sIIQII")  # magic, version, header bytes, payload bytes, two checksums
_ALIGNMENT = 64  # a cache line, so that every array may be read with aligned loads

Arrays = dict[str, NDArray[Any]]


def write_graph_file(target: Path, arrays: Mapping[str, NDArray[Any]], facts: object) -> None:
    """Write aside and swap in whole: a reader sees the old file or the new, never a part.

    `facts` is anything JSON can say. Raises OSError where the disk refuses; nothing is left behind.
    """
    entries, chunks, offset = [], [], 0
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        chunk = array.tobytes()
        entries.append([name, array.dtype.str, list(array.shape), offset])
        padding = -len(chunk) % _ALIGNMENT
        chunks += [chunk, bytes(padding)]
        offset += len(chunk) + padding
    header = json.dumps({"arrays": entries, "facts": facts}, sort_keys=True).encode()
    header += b" " * (-(len(header) + _PREFIX.size) % _ALIGNMENT)
    payload_checksum = 0
    for chunk in chunks:
        payload_checksum = zlib.crc32(chunk, payload_checksum)
    prefix = _PREFIX.pack(
        MAGIC, FORMAT_VERSION, len(header), offset, zlib.crc32(header), payload_checksum
    )
    _swap_in(target, [prefix, header, *chunks])


def _swap_in(target: Path, chunks: list[bytes]) -> None:
    aside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with aside.open("wb") as file:
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)


def map_graph_file(path: Path) -> tuple[Arrays, Any]:
    """The arrays (read-only views of the mapped file) and facts; DamagedGraph on any fault.

    The mapping outlives a later swap of the file: those who hold the arrays keep the old content.
    """
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as error:
        raise DamagedGraph(f"the graph file {path} cannot be mapped: {error}") from error
    try:
        return _read(memoryview(mapped))
    except DamagedGraph as error:
        raise DamagedGraph(f"the graph file {path} is damaged: {error}") from error


def _read(content: memoryview) -> tuple[Arrays, Any]:
    if len(content) < _PREFIX.size:
        raise DamagedGraph("it ends within its first bytes")
    magic, version, header_bytes, payload_bytes, header_checksum, payload_checksum = (
        _PREFIX.unpack_from(content)
    )
    if magic != MAGIC:
        raise DamagedGraph("it is no graph file")
    if version != FORMAT_VERSION:
        raise DamagedGraph(f"it has format {version}, this engine reads {FORMAT_VERSION}")
    if len(content) != _PREFIX.size + header_bytes + payload_bytes:
        raise DamagedGraph("it is shorter or longer than it says")
    header = content[_PREFIX.size : _PREFIX.size + header_bytes]
    payload = content[_PREFIX.size + header_bytes :]
    if zlib.crc32(header) != header_checksum or zlib.crc32(payload) != payload_checksum:
        raise DamagedGraph("its checksum does not fit")
    return _arrays_of(bytes(header), payload)


def _arrays_of(header: bytes, payload: memoryview) -> tuple[Arrays, Any]:
    try:
        described = json.loads(header)
        arrays = {
            name: _view(payload, np.dtype(dtype), tuple(shape), offset)
            for name, dtype, shape, offset in described["arrays"]
        }
        return arrays, described["facts"]
    except (ValueError, TypeError, KeyError) as error:
        raise DamagedGraph(f"its header makes no sense ({error})") from error


def _view(
    payload: memoryview, dtype: np.dtype[Any], shape: tuple[int, ...], offset: int
) -> NDArray[Any]:
    count = int(np.prod(shape))
    if count == 0:  # frombuffer refuses what is empty
        return np.empty(shape, dtype)
    return np.frombuffer(payload, dtype=dtype, count=count, offset=offset).reshape(shape)
