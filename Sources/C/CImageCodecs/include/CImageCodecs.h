// PNG by libpng and JPEG by libjpeg-turbo, from bytes in memory to bytes in memory. The libraries report errors by jumping out of
// their calls; here they end in a status, and no jump leaves this shim. It has no policy: what sizes are sensible, what a picture is
// turned into and what is told the user is decided in Swift.

#ifndef CIMAGECODECS_H
#define CIMAGECODECS_H

#include <stddef.h>
#include <stdint.h>

// Statuses.
enum {
  FSIMAGE_OK = 0,
  FSIMAGE_DAMAGED,      // the library cannot read it, or warns that it is corrupt; `message` is the library's own
  FSIMAGE_UNSUPPORTED,  // the file may be sound; `message` is what it has that this shim does not read
};

typedef struct {
  uint32_t width, height;  // as the file claims: nothing of that size was allocated
  uint32_t channels;       // of a decoded pixel, 8 bits each: 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha
  uint64_t least_bytes;    // no file with such a picture is shorter, however well it is compressed
} fsimage_header;

// Reads the header and, unless `pixels` is NULL, decodes all pixels: [height, width, channels], from the top left.
// `capacity` must be exactly height * width * channels of the header. `message` is truncated to 200 bytes.
// A file that ends early, damaged data, and a warning about either are errors.
int fsimage_read_png(
    const uint8_t *bytes, size_t count, fsimage_header *header, uint8_t *pixels, size_t capacity, char message[200]);
int fsimage_read_jpeg(
    const uint8_t *bytes, size_t count, fsimage_header *header, uint8_t *pixels, size_t capacity, char message[200]);

// The libraries' names and versions: what another version decodes may differ in single bits.
const char *fsimage_libraries(void);

#endif
