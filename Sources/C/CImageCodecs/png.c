#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "CImageCodecs.h"

// What libpng's archive needs of zlib's, and no other module here calls: named here, the functions are taken from it even where it comes
// first among the archives (see also CHDF5).
extern int deflateInit2_(void), deflateEnd(void);
__attribute__((used)) static int (*const of_zlib[])(void) = {deflateInit2_, deflateEnd};

// What a call works with. It belongs to the caller of the function that jumps come back to, so it is intact after a jump.
struct reading {
  const uint8_t *next;
  size_t left;
  char *message;
  png_structp png;
  png_infop info;
  jmp_buf back;
};

static PNG_NORETURN void fail(png_structp png, png_const_charp text) {
  struct reading *reading = png_get_error_ptr(png);
  snprintf(reading->message, 200, "%s", text);
  longjmp(reading->back, 1);
}

static void ignore(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void supply(png_structp png, png_bytep to, size_t count) {
  struct reading *reading = png_get_io_ptr(png);
  if (count > reading->left) png_error(png, "the file ends too early");
  memcpy(to, reading->next, count);
  reading->next += count;
  reading->left -= count;
}

// Deflate turns at most 258 bytes into 2 bits.
static uint64_t least_bytes(uint64_t width, uint64_t height, uint64_t bits_of_pixel) {
  return height * ((width * bits_of_pixel + 7) / 8) / 1032;
}

static void read_header(struct reading *reading, fsimage_header *header) {
  png_structp png = reading->png;
  png_set_read_fn(png, reading, supply);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_chunk_malloc_max(png, 1 << 16);
  // Whatever says something about the pixels must be sound; the rest (texts, colour profiles, times) is not even parsed.
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  png_set_benign_errors(png, 0);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_read_info(png, reading->info);

  int color_type = png_get_color_type(png, reading->info);
  int has_alpha = (color_type & PNG_COLOR_MASK_ALPHA) || png_get_valid(png, reading->info, PNG_INFO_tRNS);
  header->width = png_get_image_width(png, reading->info);
  header->height = png_get_image_height(png, reading->info);
  header->channels = ((color_type & PNG_COLOR_MASK_COLOR) ? 3 : 1) + (has_alpha ? 1 : 0);
  int bits = png_get_channels(png, reading->info) * png_get_bit_depth(png, reading->info);
  header->least_bytes = least_bytes(header->width, header->height, bits);
}

static void read_pixels(struct reading *reading, const fsimage_header *header, uint8_t *pixels, size_t capacity) {
  png_structp png = reading->png;
  png_set_expand(png);    // palettes to RGB, few bits to 8, a transparent colour to alpha
  png_set_strip_16(png);  // the high byte, as Pillow, OpenCV and TensorFlow
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, reading->info);
  size_t stride = png_get_rowbytes(png, reading->info);
  if (stride != (size_t)header->width * header->channels || capacity / stride != header->height || capacity % stride != 0) {
    png_error(png, "the picture has another size than its header");
  }
  for (int pass = 0; pass < passes; pass++) {
    for (size_t row = 0; row < header->height; row++) png_read_row(png, pixels + row * stride, NULL);
  }
  png_read_end(png, NULL);
}

// All that may jump.
static int read_all(struct reading *reading, fsimage_header *header, uint8_t *pixels, size_t capacity) {
  if (setjmp(reading->back)) return FSIMAGE_DAMAGED;
  reading->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reading, fail, ignore);
  if (!reading->png) return FSIMAGE_DAMAGED;
  reading->info = png_create_info_struct(reading->png);
  if (!reading->info) png_error(reading->png, "out of memory");
  read_header(reading, header);
  if (pixels) read_pixels(reading, header, pixels, capacity);
  return FSIMAGE_OK;
}

int fsimage_read_png(
    const uint8_t *bytes, size_t count, fsimage_header *header, uint8_t *pixels, size_t capacity, char message[200]) {
  struct reading reading = {.next = bytes, .left = count, .message = message};
  snprintf(message, 200, "out of memory");
  int status = read_all(&reading, header, pixels, capacity);
  png_destroy_read_struct(&reading.png, &reading.info, NULL);
  return status;
}
