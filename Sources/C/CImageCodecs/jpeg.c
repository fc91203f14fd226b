#include <stdio.h>
// jpeglib.h needs stdio.h before it.
#include <jpeglib.h>
#include <png.h>
#include <setjmp.h>
#include <string.h>

#include "CImageCodecs.h"

// A progressive picture has some ten scans. Each costs the time of a whole picture, and can be a few bytes.
enum { MOST_SCANS = 100 };

// What a call works with. It belongs to the caller of the function that jumps come back to, so it is intact after a jump.
struct reading {
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  unsigned seen;  // the components of which there was a scan, one bit each
  int status;
  char *message;
  jmp_buf back;
};

static void fail(struct reading *reading, int status, const char *message) {
  snprintf(reading->message, 200, "%s", message);
  reading->status = status;
  longjmp(reading->back, 1);
}

static void library_error(j_common_ptr jpeg) {
  char text[JMSG_LENGTH_MAX];
  jpeg->err->format_message(jpeg, text);
  fail(jpeg->client_data, FSIMAGE_DAMAGED, text);
}

// A negative level is a warning: the data are corrupt, and the library would make up the rest.
static void library_message(j_common_ptr jpeg, int level) {
  if (level < 0) library_error(jpeg);
}

static void note_scan(j_common_ptr common) {
  struct reading *reading = common->client_data;
  if (reading->jpeg.input_scan_number > MOST_SCANS) fail(reading, FSIMAGE_DAMAGED, "it has more than 100 scans");
  for (int i = 0; i < reading->jpeg.comps_in_scan; i++) {
    reading->seen |= 1u << reading->jpeg.cur_comp_info[i]->component_index;
  }
}

static void read_header(struct reading *reading, const uint8_t *bytes, size_t count, fsimage_header *header) {
  j_decompress_ptr jpeg = &reading->jpeg;
  jpeg_mem_src(jpeg, bytes, count);
  jpeg_read_header(jpeg, TRUE);
  if (jpeg->arith_code) fail(reading, FSIMAGE_UNSUPPORTED, "arithmetic coding");
  switch (jpeg->jpeg_color_space) {
    case JCS_GRAYSCALE: jpeg->out_color_space = JCS_GRAYSCALE; break;
    case JCS_YCbCr:
    case JCS_RGB: jpeg->out_color_space = JCS_RGB; break;
    case JCS_CMYK:
    case JCS_YCCK: fail(reading, FSIMAGE_UNSUPPORTED, "the colours of print (CMYK)"); break;
    default: fail(reading, FSIMAGE_UNSUPPORTED, "unknown colours");
  }
  header->width = jpeg->image_width;
  header->height = jpeg->image_height;
  header->channels = jpeg->out_color_space == JCS_RGB ? 3 : 1;
  // Each block of 8 x 8 pixels has at least one bit.
  header->least_bytes = (uint64_t)header->width * header->height / 512;
}

static void read_pixels(struct reading *reading, const fsimage_header *header, uint8_t *pixels, size_t capacity) {
  j_decompress_ptr jpeg = &reading->jpeg;
  jpeg->dct_method = JDCT_ISLOW;  // in integers: the same bits with any vector instructions
  jpeg->do_block_smoothing = FALSE;
  jpeg_start_decompress(jpeg);
  note_scan((j_common_ptr)jpeg);
  if (reading->seen != (1u << jpeg->num_components) - 1) fail(reading, FSIMAGE_DAMAGED, "a colour component is missing");
  size_t stride = (size_t)jpeg->output_width * jpeg->output_components;
  if (stride != (size_t)header->width * header->channels || capacity != stride * jpeg->output_height) {
    fail(reading, FSIMAGE_DAMAGED, "the picture has another size than its header");
  }
  while (jpeg->output_scanline < jpeg->output_height) {
    JSAMPROW row = pixels + jpeg->output_scanline * stride;
    jpeg_read_scanlines(jpeg, &row, 1);
  }
  jpeg_finish_decompress(jpeg);
}

// All that may jump.
static int read_all(
    struct reading *reading, const uint8_t *bytes, size_t count, fsimage_header *header, uint8_t *pixels, size_t capacity) {
  if (setjmp(reading->back)) return reading->status;
  jpeg_create_decompress(&reading->jpeg);
  reading->progress.progress_monitor = note_scan;
  reading->jpeg.progress = &reading->progress;
  read_header(reading, bytes, count, header);
  if (pixels) read_pixels(reading, header, pixels, capacity);
  return FSIMAGE_OK;
}

int fsimage_read_jpeg(
    const uint8_t *bytes, size_t count, fsimage_header *header, uint8_t *pixels, size_t capacity, char message[200]) {
  struct reading reading = {.message = message};
  message[0] = 0;
  reading.jpeg.err = jpeg_std_error(&reading.errors);
  reading.errors.error_exit = library_error;
  reading.errors.emit_message = library_message;
  reading.jpeg.client_data = &reading;
  int status = read_all(&reading, bytes, count, header, pixels, capacity);
  jpeg_destroy_decompress(&reading.jpeg);
  return status;
}

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

const char *fsimage_libraries(void) {
#ifdef LIBJPEG_TURBO_VERSION
  return "libpng " PNG_LIBPNG_VER_STRING ", libjpeg-turbo " TEXT(LIBJPEG_TURBO_VERSION);
#else
  return "libpng " PNG_LIBPNG_VER_STRING ", libjpeg " TEXT(JPEG_LIB_VERSION);
#endif
}
