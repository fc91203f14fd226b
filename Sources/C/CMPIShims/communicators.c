// Communicators, and memory shared by the processes of a node.

#include "internal.h"

int fsmpi_adopt(MPI_Comm handle, fsmpi_comm **made) {
  *made = NULL;
  if (handle == MPI_COMM_NULL) return MPI_SUCCESS;
  FSMPI_TRY(MPI_Comm_set_errhandler(handle, MPI_ERRORS_RETURN));
  fsmpi_comm *comm = malloc(sizeof *comm);
  if (!comm) return FSMPI_OUT_OF_MEMORY;
  comm->handle = handle;
  *made = comm;
  return MPI_SUCCESS;
}

int fsmpi_world(fsmpi_comm **made) {
  MPI_Comm handle;
  FSMPI_TRY(MPI_Comm_dup(MPI_COMM_WORLD, &handle));
  return fsmpi_adopt(handle, made);
}

int fsmpi_comm_duplicate(const fsmpi_comm *comm, fsmpi_comm **made) {
  MPI_Comm handle;
  FSMPI_TRY(MPI_Comm_dup(comm->handle, &handle));
  return fsmpi_adopt(handle, made);
}

int fsmpi_comm_split(const fsmpi_comm *comm, bool takes_part, int64_t color, int64_t key, fsmpi_comm **made) {
  // The other ranks wait in this collective call, so this process must enter it even if its color does not fit an int.
  bool fits = !takes_part || (color >= 0 && color <= INT_MAX && key >= INT_MIN && key <= INT_MAX);
  MPI_Comm handle;
  FSMPI_TRY(MPI_Comm_split(comm->handle, takes_part && fits ? (int)color : MPI_UNDEFINED, fits ? (int)key : 0, &handle));
  FSMPI_TRY(fsmpi_adopt(handle, made));
  return fits ? MPI_SUCCESS : FSMPI_COUNT_TOO_LARGE;
}

int fsmpi_comm_split_shared(const fsmpi_comm *comm, int64_t key, fsmpi_comm **made) {
  if (key < INT_MIN || key > INT_MAX) return FSMPI_COUNT_TOO_LARGE;
  MPI_Comm handle;
  FSMPI_TRY(MPI_Comm_split_type(comm->handle, MPI_COMM_TYPE_SHARED, (int)key, MPI_INFO_NULL, &handle));
  return fsmpi_adopt(handle, made);
}

int fsmpi_comm_free(fsmpi_comm *comm) {
  MPI_Comm handle = comm->handle;
  free(comm);
  return MPI_Comm_free(&handle);
}

int fsmpi_comm_rank(const fsmpi_comm *comm, int *rank) { return MPI_Comm_rank(comm->handle, rank); }

int fsmpi_comm_size(const fsmpi_comm *comm, int *size) { return MPI_Comm_size(comm->handle, size); }

int fsmpi_abort(const fsmpi_comm *comm, int exit_code) {
  return MPI_Abort(comm ? comm->handle : MPI_COMM_WORLD, exit_code);
}

static int open_window(MPI_Win handle, void **base) {
  int *model = NULL, has_model = 0, unit = 0;
  MPI_Aint size = 0;
  FSMPI_TRY(MPI_Win_set_errhandler(handle, MPI_ERRORS_RETURN));
  FSMPI_TRY(MPI_Win_get_attr(handle, MPI_WIN_MODEL, &model, &has_model));
  if (!has_model || *model != MPI_WIN_UNIFIED) return FSMPI_WINDOW_NOT_UNIFIED;
  FSMPI_TRY(MPI_Win_shared_query(handle, 0, &size, &unit, base));
  return MPI_Win_lock_all(MPI_MODE_NOCHECK, handle);
}

int fsmpi_window_allocate_shared(const fsmpi_comm *comm, int64_t byte_count, fsmpi_window **made, void **base) {
  *made = NULL;
  int rank = 0;
  FSMPI_TRY(MPI_Comm_rank(comm->handle, &rank));
  fsmpi_window *window = malloc(sizeof *window);
  if (!window) return FSMPI_OUT_OF_MEMORY;
  void *own = NULL;
  MPI_Aint own_size = rank == 0 ? (MPI_Aint)byte_count : 0;
  int status = MPI_Win_allocate_shared(own_size, 1, MPI_INFO_NULL, comm->handle, &own, &window->handle);
  if (status == MPI_SUCCESS) status = open_window(window->handle, base);
  if (status != MPI_SUCCESS) {
    free(window);
    return status;
  }
  *made = window;
  return MPI_SUCCESS;
}

int fsmpi_window_sync(fsmpi_window *window) { return MPI_Win_sync(window->handle); }

int fsmpi_window_free(fsmpi_window *window) {
  MPI_Win handle = window->handle;
  free(window);
  FSMPI_TRY(MPI_Win_unlock_all(handle));
  return MPI_Win_free(&handle);
}
