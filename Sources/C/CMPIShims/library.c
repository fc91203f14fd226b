// The library as a whole: initialise, finalise, texts, and the mapping of the enumerations to MPI's constants.

#include <stdio.h>

#include "internal.h"

int fsmpi_init(int required_threads, int *provided_threads) {
  static const int levels[] = {
      MPI_THREAD_SINGLE, MPI_THREAD_FUNNELED, MPI_THREAD_SERIALIZED, MPI_THREAD_MULTIPLE};
  if (required_threads < 0 || required_threads > FSMPI_THREAD_MULTIPLE) return FSMPI_UNKNOWN_KIND;
  int provided = MPI_THREAD_SINGLE;
  FSMPI_TRY(MPI_Init_thread(NULL, NULL, levels[required_threads], &provided));
  *provided_threads = FSMPI_THREAD_SINGLE;
  for (int level = 0; level <= FSMPI_THREAD_MULTIPLE; level++) {
    if (provided >= levels[level]) *provided_threads = level;
  }
  return MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
}

int fsmpi_finalize(void) { return MPI_Finalize(); }

int fsmpi_is_initialized(bool *flag) {
  int value = 0;
  FSMPI_TRY(MPI_Initialized(&value));
  *flag = value;
  return MPI_SUCCESS;
}

int fsmpi_is_finalized(bool *flag) {
  int value = 0;
  FSMPI_TRY(MPI_Finalized(&value));
  *flag = value;
  return MPI_SUCCESS;
}

static const char *own_text(int status) {
  switch (status) {
    case FSMPI_COUNT_TOO_LARGE: return "a count, rank or tag is too large for this MPI call (beyond 2147483647)";
    case FSMPI_OUT_OF_MEMORY: return "out of memory for an MPI handle or a temporary buffer";
    case FSMPI_WINDOW_NOT_UNIFIED: return "shared windows of this library do not have the unified memory model";
    case FSMPI_UNKNOWN_KIND: return "unknown element type, reduction or thread level";
    default: return "unknown status";
  }
}

int fsmpi_error_text(int status, char *text, int capacity) {
  char full[MPI_MAX_ERROR_STRING + 1] = {0};
  int length = 0;
  if (status < 0) {
    snprintf(text, capacity, "%s", own_text(status));
    return MPI_SUCCESS;
  }
  FSMPI_TRY(MPI_Error_string(status, full, &length));
  snprintf(text, capacity, "%s", full);
  return MPI_SUCCESS;
}

bool fsmpi_is_truncation(int status) {
  int class = MPI_SUCCESS;
  return status > 0 && MPI_Error_class(status, &class) == MPI_SUCCESS && class == MPI_ERR_TRUNCATE;
}

int fsmpi_library_version(char *text, int capacity) {
  char full[MPI_MAX_LIBRARY_VERSION_STRING + 1] = {0};
  int length = 0;
  FSMPI_TRY(MPI_Get_library_version(full, &length));
  snprintf(text, capacity, "%s", full);
  return MPI_SUCCESS;
}

int fsmpi_processor_name(char *text, int capacity) {
  char full[MPI_MAX_PROCESSOR_NAME + 1] = {0};
  int length = 0;
  FSMPI_TRY(MPI_Get_processor_name(full, &length));
  snprintf(text, capacity, "%s", full);
  return MPI_SUCCESS;
}

double fsmpi_wall_time(void) { return MPI_Wtime(); }

int fsmpi_datatype(int type, MPI_Datatype *datatype) {
  switch (type) {
    case FSMPI_UINT8: *datatype = MPI_UINT8_T; return MPI_SUCCESS;
    case FSMPI_INT32: *datatype = MPI_INT32_T; return MPI_SUCCESS;
    case FSMPI_INT64: *datatype = MPI_INT64_T; return MPI_SUCCESS;
    case FSMPI_UINT64: *datatype = MPI_UINT64_T; return MPI_SUCCESS;
    case FSMPI_FLOAT: *datatype = MPI_FLOAT; return MPI_SUCCESS;
    case FSMPI_DOUBLE: *datatype = MPI_DOUBLE; return MPI_SUCCESS;
    default: return FSMPI_UNKNOWN_KIND;
  }
}

int fsmpi_operation(int operation, MPI_Op *op) {
  switch (operation) {
    case FSMPI_SUM: *op = MPI_SUM; return MPI_SUCCESS;
    case FSMPI_MINIMUM: *op = MPI_MIN; return MPI_SUCCESS;
    case FSMPI_MAXIMUM: *op = MPI_MAX; return MPI_SUCCESS;
    default: return FSMPI_UNKNOWN_KIND;
  }
}
