// HDF5 files, written by the HDF5 library into memory: groups, a text as an attribute, and arrays of single precision. Statuses only;
// what the groups are called is decided in Swift. Files are read without this library (ModelFiles/HDF5 says why).

#ifndef CHDF5_H
#define CHDF5_H

#include <stddef.h>
#include <stdint.h>

// Statuses.
enum {
  FSHDF5_OK = 0,
  FSHDF5_FAILED,  // the library refuses; it has printed nothing
};

typedef struct fshdf5_file fshdf5_file;

// A new file in memory; NULL if the library refuses. Equal calls make equal bytes: no time is recorded.
fshdf5_file *fshdf5_create(void);

// Makes a group and those that lead to it, and gives it an attribute with a text in UTF-8, as h5py writes a str.
int fshdf5_make_group(fshdf5_file *file, const char *path, const char *attribute, const char *text);

// Writes an array, row-major, into a group that exists.
int fshdf5_write_floats(fshdf5_file *file, const char *path, const float *values, int rank, const uint64_t *extents);

// The number of bytes that the file would have on disk; 0 if the library refuses. Then its bytes, `capacity` of them.
size_t fshdf5_size(fshdf5_file *file);
int fshdf5_copy(fshdf5_file *file, uint8_t *bytes, size_t capacity);

// Gives the file's memory back.
void fshdf5_close(fshdf5_file *file);

// The library's version, such as "1.10.8".
const char *fshdf5_version(void);

#endif
