// Collective operations. Those on one buffer are split into pieces; those with a count per rank need counts that fit an int.

#include <string.h>

#include "internal.h"

enum { piece_length = 1 << 30 };

// An empty buffer may be NULL, which not every implementation accepts; MPI never touches these bytes.
static char nothing[2];
static void *some(void *buffer) { return buffer ? buffer : &nothing[0]; }
static const void *some_const(const void *buffer) { return buffer ? buffer : &nothing[1]; }

static int length_of_piece(int64_t left) { return left < piece_length ? (int)left : piece_length; }

static int kinds(int type, int operation, MPI_Datatype *datatype, MPI_Op *op, int *size) {
  FSMPI_TRY(fsmpi_datatype(type, datatype));
  FSMPI_TRY(fsmpi_operation(operation, op));
  return MPI_Type_size(*datatype, size);
}

int fsmpi_barrier(const fsmpi_comm *comm) { return MPI_Barrier(comm->handle); }

int fsmpi_broadcast(const fsmpi_comm *comm, void *buffer, int64_t count, int type, int root) {
  MPI_Datatype datatype;
  int size;
  FSMPI_TRY(fsmpi_datatype(type, &datatype));
  FSMPI_TRY(MPI_Type_size(datatype, &size));
  char *next = some(buffer);
  do {
    int piece = length_of_piece(count);
    FSMPI_TRY(MPI_Bcast(next, piece, datatype, root, comm->handle));
    next += (int64_t)piece * size;
    count -= piece;
  } while (count > 0);
  return MPI_SUCCESS;
}

int fsmpi_all_reduce(const fsmpi_comm *comm, void *buffer, int64_t count, int type, int operation) {
  MPI_Datatype datatype;
  MPI_Op op;
  int size;
  FSMPI_TRY(kinds(type, operation, &datatype, &op, &size));
  char *next = some(buffer);
  do {
    int piece = length_of_piece(count);
    FSMPI_TRY(MPI_Allreduce(MPI_IN_PLACE, next, piece, datatype, op, comm->handle));
    next += (int64_t)piece * size;
    count -= piece;
  } while (count > 0);
  return MPI_SUCCESS;
}

// The root sends a copy of its terms: MPICH 4.0 crashes on MPI_IN_PLACE in a reduction to a rank other than 0.
int fsmpi_reduce(const fsmpi_comm *comm, void *buffer, int64_t count, int type, int operation, int root) {
  MPI_Datatype datatype;
  MPI_Op op;
  int size, rank, status;
  FSMPI_TRY(kinds(type, operation, &datatype, &op, &size));
  FSMPI_TRY(MPI_Comm_rank(comm->handle, &rank));
  char *next = some(buffer), *copy = NULL;
  if (rank == root) {
    copy = malloc((size_t)length_of_piece(count) * size + 1);
    if (!copy) return FSMPI_OUT_OF_MEMORY;
  }
  do {
    int piece = length_of_piece(count);
    if (copy) memcpy(copy, next, (size_t)piece * size);
    status = MPI_Reduce(copy ? copy : next, copy ? next : NULL, piece, datatype, op, root, comm->handle);
    next += (int64_t)piece * size;
    count -= piece;
  } while (count > 0 && status == MPI_SUCCESS);
  free(copy);
  return status;
}

// MPI's int counts and displacements, one per rank: two halves of one allocation.
typedef struct {
  int *counts;
  int *displacements;
} rank_counts;

static int make_rank_counts(const fsmpi_comm *comm, const int64_t *counts, rank_counts *made) {
  int size;
  FSMPI_TRY(MPI_Comm_size(comm->handle, &size));
  int64_t total = 0;
  for (int rank = 0; rank < size; rank++) {
    if (counts[rank] < 0 || counts[rank] > INT_MAX - total) return FSMPI_COUNT_TOO_LARGE;
    total += counts[rank];
  }
  made->counts = malloc(2 * size * sizeof(int));
  if (!made->counts) return FSMPI_OUT_OF_MEMORY;
  made->displacements = made->counts + size;
  for (int rank = 0, offset = 0; rank < size; rank++) {
    made->counts[rank] = (int)counts[rank];
    made->displacements[rank] = offset;
    offset += made->counts[rank];
  }
  return MPI_SUCCESS;
}

int fsmpi_reduce_scatter(
    const fsmpi_comm *comm, const void *send, void *receive, const int64_t *counts, int type, int operation) {
  MPI_Datatype datatype;
  MPI_Op op;
  int size;
  rank_counts to;
  FSMPI_TRY(kinds(type, operation, &datatype, &op, &size));
  FSMPI_TRY(make_rank_counts(comm, counts, &to));
  int status = MPI_Reduce_scatter(some_const(send), some(receive), to.counts, datatype, op, comm->handle);
  free(to.counts);
  return status;
}

// Whether `send` is this rank's own part of `receive`: MPI requires MPI_IN_PLACE then.
static int is_in_place(
    const fsmpi_comm *comm, const void *send, const void *receive, const rank_counts *from, MPI_Datatype datatype,
    int *answer) {
  int size, rank;
  FSMPI_TRY(MPI_Type_size(datatype, &size));
  FSMPI_TRY(MPI_Comm_rank(comm->handle, &rank));
  *answer = send && (const char *)send == (const char *)receive + (int64_t)from->displacements[rank] * size;
  return MPI_SUCCESS;
}

int fsmpi_all_gather(
    const fsmpi_comm *comm, const void *send, int64_t send_count, void *receive, const int64_t *counts, int type) {
  MPI_Datatype datatype;
  rank_counts from;
  int in_place;
  if (send_count > INT_MAX) return FSMPI_COUNT_TOO_LARGE;
  FSMPI_TRY(fsmpi_datatype(type, &datatype));
  FSMPI_TRY(make_rank_counts(comm, counts, &from));
  int status = is_in_place(comm, send, receive, &from, datatype, &in_place);
  if (status == MPI_SUCCESS) {
    status = MPI_Allgatherv(
        in_place ? MPI_IN_PLACE : some_const(send), (int)send_count, datatype, some(receive), from.counts,
        from.displacements, datatype, comm->handle);
  }
  free(from.counts);
  return status;
}

int fsmpi_gather(
    const fsmpi_comm *comm, const void *send, int64_t send_count, void *receive, const int64_t *counts, int type,
    int root) {
  MPI_Datatype datatype;
  rank_counts from;
  int rank, in_place;
  if (send_count > INT_MAX) return FSMPI_COUNT_TOO_LARGE;
  FSMPI_TRY(fsmpi_datatype(type, &datatype));
  FSMPI_TRY(MPI_Comm_rank(comm->handle, &rank));
  FSMPI_TRY(make_rank_counts(comm, counts, &from));
  int status = is_in_place(comm, send, receive, &from, datatype, &in_place);
  if (status == MPI_SUCCESS) {
    status = MPI_Gatherv(
        in_place && rank == root ? MPI_IN_PLACE : some_const(send), (int)send_count, datatype, some(receive), from.counts,
        from.displacements, datatype, root, comm->handle);
  }
  free(from.counts);
  return status;
}

int fsmpi_all_to_all(
    const fsmpi_comm *comm, const void *send, const int64_t *send_counts, void *receive, const int64_t *receive_counts,
    int type) {
  MPI_Datatype datatype;
  rank_counts to, from;
  FSMPI_TRY(fsmpi_datatype(type, &datatype));
  FSMPI_TRY(make_rank_counts(comm, send_counts, &to));
  int status = make_rank_counts(comm, receive_counts, &from);
  if (status == MPI_SUCCESS) {
    status = MPI_Alltoallv(
        some_const(send), to.counts, to.displacements, datatype, some(receive), from.counts, from.displacements, datatype,
        comm->handle);
    free(from.counts);
  }
  free(to.counts);
  return status;
}
