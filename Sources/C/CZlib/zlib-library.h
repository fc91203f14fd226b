// The system's zlib, for reading what is compressed with DEFLATE. It is linked statically (see Package.swift), so that a
// cluster's nodes need no library for it.
#include <zlib.h>
