// Point-to-point messages.

#include "internal.h"

// The arguments of every message, narrowed to MPI's types.
typedef struct {
  int count, rank, tag;
  MPI_Datatype type;
} envelope;

static bool fits(int64_t value) { return value >= 0 && value <= INT_MAX; }

static int make_envelope(int64_t count, int type, int64_t rank, int64_t tag, envelope *made) {
  if (!fits(count) || !fits(rank) || !fits(tag)) return FSMPI_COUNT_TOO_LARGE;
  made->count = (int)count;
  made->rank = (int)rank;
  made->tag = (int)tag;
  return fsmpi_datatype(type, &made->type);
}

// A send has no received length: its request carries no type, and its count is 0.
static int received_count(const MPI_Status *status, MPI_Datatype type, int64_t *count) {
  int value = 0;
  *count = 0;
  if (type == MPI_DATATYPE_NULL) return MPI_SUCCESS;
  FSMPI_TRY(MPI_Get_count(status, type, &value));
  *count = value == MPI_UNDEFINED ? -1 : value;
  return MPI_SUCCESS;
}

int fsmpi_send(const fsmpi_comm *comm, const void *buffer, int64_t count, int type, int64_t to, int64_t tag) {
  envelope message;
  FSMPI_TRY(make_envelope(count, type, to, tag, &message));
  return MPI_Send(buffer, message.count, message.type, message.rank, message.tag, comm->handle);
}

int fsmpi_receive(
    const fsmpi_comm *comm, void *buffer, int64_t count, int type, int64_t from, int64_t tag, int64_t *received) {
  envelope message;
  MPI_Status status;
  FSMPI_TRY(make_envelope(count, type, from, tag, &message));
  FSMPI_TRY(MPI_Recv(buffer, message.count, message.type, message.rank, message.tag, comm->handle, &status));
  return received_count(&status, message.type, received);
}

int fsmpi_start_send(
    const fsmpi_comm *comm, const void *buffer, int64_t count, int type, int64_t to, int64_t tag, fsmpi_request **made) {
  envelope message;
  *made = NULL;
  FSMPI_TRY(make_envelope(count, type, to, tag, &message));
  fsmpi_request *request = malloc(sizeof *request);
  if (!request) return FSMPI_OUT_OF_MEMORY;
  request->type = MPI_DATATYPE_NULL;
  int status = MPI_Isend(
      buffer, message.count, message.type, message.rank, message.tag, comm->handle, &request->handle);
  if (status != MPI_SUCCESS) {
    free(request);
    return status;
  }
  *made = request;
  return MPI_SUCCESS;
}

int fsmpi_start_receive(
    const fsmpi_comm *comm, void *buffer, int64_t count, int type, int64_t from, int64_t tag, fsmpi_request **made) {
  envelope message;
  *made = NULL;
  FSMPI_TRY(make_envelope(count, type, from, tag, &message));
  fsmpi_request *request = malloc(sizeof *request);
  if (!request) return FSMPI_OUT_OF_MEMORY;
  request->type = message.type;
  int status = MPI_Irecv(
      buffer, message.count, message.type, message.rank, message.tag, comm->handle, &request->handle);
  if (status != MPI_SUCCESS) {
    free(request);
    return status;
  }
  *made = request;
  return MPI_SUCCESS;
}

int fsmpi_wait(fsmpi_request *request, int64_t *received) {
  MPI_Status status;
  MPI_Datatype type = request->type;
  int code = MPI_Wait(&request->handle, &status);
  free(request);
  FSMPI_TRY(code);
  return received_count(&status, type, received);
}

int fsmpi_test(fsmpi_request *request, bool *done, int64_t *received) {
  MPI_Status status;
  MPI_Datatype type = request->type;
  int flag = 0;
  *done = true;
  int code = MPI_Test(&request->handle, &flag, &status);
  if (code == MPI_SUCCESS && !flag) {
    *done = false;
    return MPI_SUCCESS;
  }
  free(request);
  FSMPI_TRY(code);
  return received_count(&status, type, received);
}

int fsmpi_probe(const fsmpi_comm *comm, int64_t from, int64_t tag, int type, int64_t *count) {
  envelope message;
  MPI_Status status;
  FSMPI_TRY(make_envelope(0, type, from, tag, &message));
  FSMPI_TRY(MPI_Probe(message.rank, message.tag, comm->handle, &status));
  return received_count(&status, message.type, count);
}
