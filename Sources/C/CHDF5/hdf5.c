#include "CHDF5.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

// Debian has one folder for each way of building the library.
#if __has_include(<hdf5/serial/hdf5.h>)
#include <hdf5/serial/hdf5.h>
#else
#include <hdf5.h>
#endif

// What the HDF5 library's archive needs of zlib's. Linkers search archives in order, and zlib's may come first, for another module: named
// here, the functions are taken from it all the same.
extern int compress2(void), inflate(void), inflateInit_(void), inflateEnd(void);
__attribute__((used)) static int (*const of_zlib[])(void) = {compress2, inflate, inflateInit_, inflateEnd};

struct fshdf5_file {
  hid_t file, created_groups, created_arrays;
};

fshdf5_file *fshdf5_create(void) {
  // Errors are statuses, and nothing is printed.
  if (H5Eset_auto2(H5E_DEFAULT, NULL, NULL) < 0) return NULL;
  hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  // In memory, growing by 64 KiB, and never written to disk.
  if (access < 0 || H5Pset_fapl_core(access, 1 << 16, 0) < 0) return NULL;
  // Groups and headers in the form that every version reads, which is also h5py's.
  H5Pset_libver_bounds(access, H5F_LIBVER_EARLIEST, H5F_LIBVER_LATEST);
  // The library takes files of one name for one file.
  static atomic_uint made_before;
  char name[32];
  snprintf(name, sizeof name, "memory-%u", atomic_fetch_add(&made_before, 1));
  hid_t file = H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, access);
  H5Pclose(access);
  if (file < 0) return NULL;
  fshdf5_file *made = malloc(sizeof *made);
  if (made == NULL) {
    H5Fclose(file);
    return NULL;
  }
  made->file = file;
  made->created_groups = H5Pcreate(H5P_LINK_CREATE);
  H5Pset_create_intermediate_group(made->created_groups, 1);
  made->created_arrays = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_obj_track_times(made->created_arrays, 0);
  return made;
}

static int write_text(hid_t object, const char *name, const char *text) {
  hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
  int failed = attribute < 0 || H5Awrite(attribute, type, &text) < 0;
  if (attribute >= 0) H5Aclose(attribute);
  H5Sclose(space);
  H5Tclose(type);
  return failed ? FSHDF5_FAILED : FSHDF5_OK;
}

int fshdf5_make_group(fshdf5_file *file, const char *path, const char *attribute, const char *text) {
  hid_t group = H5Gcreate2(file->file, path, file->created_groups, H5P_DEFAULT, H5P_DEFAULT);
  if (group < 0) return FSHDF5_FAILED;
  int status = write_text(group, attribute, text);
  H5Gclose(group);
  return status;
}

int fshdf5_write_floats(fshdf5_file *file, const char *path, const float *values, int rank, const uint64_t *extents) {
  hsize_t sizes[H5S_MAX_RANK];
  if (rank < 0 || rank > H5S_MAX_RANK) return FSHDF5_FAILED;
  for (int axis = 0; axis < rank; ++axis) sizes[axis] = extents[axis];
  hid_t space = H5Screate_simple(rank, sizes, NULL);
  hid_t array = H5Dcreate2(file->file, path, H5T_IEEE_F32LE, space, H5P_DEFAULT, file->created_arrays, H5P_DEFAULT);
  int failed = array < 0 || H5Dwrite(array, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0;
  if (array >= 0) H5Dclose(array);
  H5Sclose(space);
  return failed ? FSHDF5_FAILED : FSHDF5_OK;
}

size_t fshdf5_size(fshdf5_file *file) {
  if (H5Fflush(file->file, H5F_SCOPE_LOCAL) < 0) return 0;
  ssize_t size = H5Fget_file_image(file->file, NULL, 0);
  return size < 0 ? 0 : (size_t)size;
}

int fshdf5_copy(fshdf5_file *file, uint8_t *bytes, size_t capacity) {
  return H5Fget_file_image(file->file, bytes, capacity) == (ssize_t)capacity ? FSHDF5_OK : FSHDF5_FAILED;
}

void fshdf5_close(fshdf5_file *file) {
  H5Pclose(file->created_groups);
  H5Pclose(file->created_arrays);
  H5Fclose(file->file);
  free(file);
}

const char *fshdf5_version(void) {
  static char text[48];
  unsigned major, minor, release;
  H5get_libversion(&major, &minor, &release);
  snprintf(text, sizeof text, "%u.%u.%u", major, minor, release);
  return text;
}
