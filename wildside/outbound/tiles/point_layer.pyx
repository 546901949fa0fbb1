"""Encodes points as one layer of a Mapbox Vector Tile, in one pass over typed arrays.

Mapbox Vector Tile Specification 2.1 (github.com/mapbox/vector-tile-spec), Protocol Buffers wire
format (protobuf.dev/programming-guides/encoding).
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.mem cimport PyMem_Free, PyMem_Realloc
from libc.math cimport M_PI, asinh, floor, tan
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcpy

EXTENT = 4096  # the grid of a tile, the specification's usual one
MARGIN = 64  # a symbol at the edge is drawn by both tiles

cdef double STEEPEST_LATITUDE = 85.05112877980659  # where Web Mercator's square ends
cdef int LONGEST_VARINT = 10

# Field numbers and wire types of vector_tile.proto, as they are written: number << 3 | type.
cdef enum Key:
    TILE_LAYER = 3 << 3 | 2
    LAYER_VERSION = 15 << 3 | 0
    LAYER_NAME = 1 << 3 | 2
    LAYER_FEATURE = 2 << 3 | 2
    LAYER_KEY = 3 << 3 | 2
    LAYER_VALUE = 4 << 3 | 2
    LAYER_EXTENT = 5 << 3 | 0
    FEATURE_ID = 1 << 3 | 0
    FEATURE_TAGS = 2 << 3 | 2
    FEATURE_TYPE = 3 << 3 | 0
    FEATURE_GEOMETRY = 4 << 3 | 2
    VALUE_STRING = 1 << 3 | 2
    VALUE_DOUBLE = 3 << 3 | 1
    VALUE_UINT = 5 << 3 | 0

cdef enum:
    POINT = 1
    MOVE_TO_ONE = 1 << 3 | 1  # command 1 (MoveTo), count 1
    PROPERTY_COUNT = 5


cdef class ByteBuffer:
    """Bytes that grow at the end; freed with the object."""

    cdef unsigned char* data
    cdef Py_ssize_t size
    cdef Py_ssize_t capacity

    def __dealloc__(self):
        PyMem_Free(self.data)

    cdef int reserve(self, Py_ssize_t more) except -1:
        """Makes room for `more` bytes, so that the writers below need not look."""
        cdef unsigned char* grown
        if self.size + more <= self.capacity:
            return 0
        grown = <unsigned char*>PyMem_Realloc(self.data, 2 * (self.size + more))
        if grown == NULL:
            raise MemoryError
        self.data = grown
        self.capacity = 2 * (self.size + more)
        return 0

    cdef void put_varint(self, uint64_t value) noexcept:
        while value > 127:
            self.data[self.size] = <unsigned char>(value & 127 | 128)
            self.size += 1
            value >>= 7
        self.data[self.size] = <unsigned char>value
        self.size += 1

    cdef int put_bytes(self, int key, bytes content) except -1:
        """A length-delimited field."""
        cdef Py_ssize_t length = len(content)
        self.reserve(length + 2 * LONGEST_VARINT)
        self.put_varint(key)
        self.put_varint(length)
        memcpy(self.data + self.size, <const char*>content, length)
        self.size += length
        return 0

    cdef bytes as_bytes(self):
        return PyBytes_FromStringAndSize(<const char*>self.data, self.size)


cdef int varint_length(uint64_t value) noexcept:
    cdef int length = 1
    while value > 127:
        length += 1
        value >>= 7
    return length


cdef uint64_t zigzag(int64_t value) noexcept:
    """Small for small numbers of either sign."""
    return (<uint64_t>value << 1) ^ <uint64_t>(value >> 63)


cdef int put_feature(
    ByteBuffer layer, uint64_t point_id, uint64_t* values, int64_t east, int64_t south
) except -1:
    """One point feature; `values` index the layer's values in the order of its keys."""
    cdef int tags_length = 0, geometry_length, feature_length, index
    for index in range(PROPERTY_COUNT):
        tags_length += 1 + varint_length(values[index])  # keys are below 128
    geometry_length = 1 + varint_length(zigzag(east)) + varint_length(zigzag(south))
    feature_length = (
        1 + varint_length(point_id)
        + 1 + varint_length(tags_length) + tags_length
        + 2
        + 1 + varint_length(geometry_length) + geometry_length
    )
    layer.reserve(feature_length + 2 * LONGEST_VARINT)
    layer.put_varint(LAYER_FEATURE)
    layer.put_varint(feature_length)
    layer.put_varint(FEATURE_ID)
    layer.put_varint(point_id)
    layer.put_varint(FEATURE_TAGS)
    layer.put_varint(tags_length)
    for index in range(PROPERTY_COUNT):
        layer.put_varint(index)
        layer.put_varint(values[index])
    layer.put_varint(FEATURE_TYPE)
    layer.put_varint(POINT)
    layer.put_varint(FEATURE_GEOMETRY)
    layer.put_varint(geometry_length)
    layer.put_varint(MOVE_TO_ONE)
    layer.put_varint(zigzag(east))
    layer.put_varint(zigzag(south))
    return 0


cdef int put_value(ByteBuffer layer, object value) except -1:
    """A string, a float (as double) or a whole number ≥ 0 (as uint64)."""
    cdef bytes text
    cdef double number
    cdef uint64_t whole
    if isinstance(value, str):
        text = (<str>value).encode("utf-8")
        layer.reserve(2 * LONGEST_VARINT)
        layer.put_varint(LAYER_VALUE)
        layer.put_varint(1 + varint_length(len(text)) + len(text))
        layer.put_bytes(VALUE_STRING, text)
    elif isinstance(value, float):
        number = value
        layer.reserve(2 * LONGEST_VARINT + 9)
        layer.put_varint(LAYER_VALUE)
        layer.put_varint(9)
        layer.put_varint(VALUE_DOUBLE)
        # Little-endian as the wire format asks; so is every machine wheels are built for.
        memcpy(layer.data + layer.size, &number, 8)
        layer.size += 8
    else:
        whole = value
        layer.reserve(4 * LONGEST_VARINT)
        layer.put_varint(LAYER_VALUE)
        layer.put_varint(1 + varint_length(whole))
        layer.put_varint(VALUE_UINT)
        layer.put_varint(whole)
    return 0


def encode_points(
    str layer_name,
    const int64_t[::1] ids,
    const double[::1] longitudes,
    const double[::1] latitudes,
    list names,
    list themes,
    const double[::1] scores,
    const int32_t[::1] ranks,
    int zoom,
    int64_t column,
    int64_t row,
) -> bytes:
    """The tile's bytes, or b"" where no point lies in the tile or within MARGIN of it.

    All sequences are of one length; ids and ranks are ≥ 0; degrees WGS 84; the tile is z/x/y with
    rows from the north. Each point has its id twice: as the feature's and as the property `id`,
    which styles can read; beside it `name`, `theme`, `score` and `rank`.
    Raises ValueError for lengths that differ and for a tile that does not exist.
    """
    cdef Py_ssize_t count = ids.shape[0], index, written = 0
    if not (
        count == longitudes.shape[0] == latitudes.shape[0] == scores.shape[0] == ranks.shape[0]
        == len(names) == len(themes)
    ):
        raise ValueError("every point needs one of each")
    if not (0 <= zoom <= 30 and 0 <= column < 1 << zoom and 0 <= row < 1 << zoom):
        raise ValueError(f"there is no tile {zoom}/{column}/{row}")

    cdef ByteBuffer layer = ByteBuffer(), tile = ByteBuffer()
    cdef dict values = {}
    cdef uint64_t[PROPERTY_COUNT] value_of
    cdef double world = <double>(<int64_t>1 << zoom) * 4096.0, latitude
    cdef int64_t east, south, west_edge = column * 4096, north_edge = row * 4096
    cdef bytes body

    layer.reserve(2 * LONGEST_VARINT)
    layer.put_varint(LAYER_VERSION)
    layer.put_varint(2)
    layer.put_bytes(LAYER_NAME, layer_name.encode("utf-8"))
    for index in range(count):
        latitude = max(-STEEPEST_LATITUDE, min(STEEPEST_LATITUDE, latitudes[index]))
        east = <int64_t>floor((longitudes[index] + 180.0) / 360.0 * world) - west_edge
        south = <int64_t>floor(
            (1.0 - asinh(tan(latitude * M_PI / 180.0)) / M_PI) / 2.0 * world
        ) - north_edge
        if not (-64 <= east < 4096 + 64 and -64 <= south < 4096 + 64):
            continue
        if ids[index] < 0 or ranks[index] < 0:
            raise ValueError("ids and ranks are at least 0")
        value_of[0] = values.setdefault(int(ids[index]), len(values))
        value_of[1] = values.setdefault(names[index], len(values))
        value_of[2] = values.setdefault(themes[index], len(values))
        # The type is part of the key: 1.0 and 1 are equal in Python, not in a tile.
        value_of[3] = values.setdefault((float, scores[index]), len(values))
        value_of[4] = values.setdefault(int(ranks[index]), len(values))
        put_feature(layer, <uint64_t>ids[index], value_of, east, south)
        written += 1
    if written == 0:
        return b""
    for key in (b"id", b"name", b"theme", b"score", b"rank"):
        layer.put_bytes(LAYER_KEY, key)
    for value in values:
        put_value(layer, value[1] if isinstance(value, tuple) else value)
    layer.reserve(2 * LONGEST_VARINT)
    layer.put_varint(LAYER_EXTENT)
    layer.put_varint(4096)
    body = layer.as_bytes()
    tile.put_bytes(TILE_LAYER, body)
    return tile.as_bytes()
