// The MPI library as real symbols. The handles and constants of mpi.h are types and macros of one implementation, which
// Swift cannot import; here they are opaque pointers and the enumerations below. The shim has no policy: every call that
// can fail returns a status.
//
// Status: 0 for success, else MPI's own error code or one of the negative FSMPI_ codes. Counts are in elements and 64 bits
// wide. Collectives on one buffer are split into pieces where a count exceeds MPI's int; all other calls return
// FSMPI_COUNT_TOO_LARGE. Every communicator made here has the error handler MPI_ERRORS_RETURN.

#ifndef CMPISHIMS_H
#define CMPISHIMS_H

#include <stdbool.h>
#include <stdint.h>

enum {
  FSMPI_COUNT_TOO_LARGE = -1,  // a count, rank or tag does not fit MPI's int
  FSMPI_OUT_OF_MEMORY = -2,
  FSMPI_WINDOW_NOT_UNIFIED = -3,  // shared windows need MPI's unified memory model
  FSMPI_UNKNOWN_KIND = -4,        // an element type or reduction outside the enumerations
};

enum { FSMPI_UINT8, FSMPI_INT32, FSMPI_INT64, FSMPI_UINT64, FSMPI_FLOAT, FSMPI_DOUBLE };  // element types
enum { FSMPI_SUM, FSMPI_MINIMUM, FSMPI_MAXIMUM };                                           // reductions
enum { FSMPI_THREAD_SINGLE, FSMPI_THREAD_FUNNELED, FSMPI_THREAD_SERIALIZED, FSMPI_THREAD_MULTIPLE };

typedef struct fsmpi_comm fsmpi_comm;
typedef struct fsmpi_request fsmpi_request;
typedef struct fsmpi_window fsmpi_window;

// The library. Texts are truncated to `capacity` bytes, including the terminating zero.
int fsmpi_init(int required_threads, int *provided_threads);
int fsmpi_finalize(void);
int fsmpi_is_initialized(bool *flag);
int fsmpi_is_finalized(bool *flag);
int fsmpi_error_text(int status, char *text, int capacity);
bool fsmpi_is_truncation(int status);  // the message was longer than the buffer
int fsmpi_library_version(char *text, int capacity);
int fsmpi_processor_name(char *text, int capacity);
double fsmpi_wall_time(void);

// Communicators. The caller frees each one. It is NULL in a process that takes part in the call but is in no group.
int fsmpi_world(fsmpi_comm **made);  // a duplicate of MPI_COMM_WORLD
int fsmpi_comm_duplicate(const fsmpi_comm *comm, fsmpi_comm **made);
int fsmpi_comm_split(const fsmpi_comm *comm, bool takes_part, int64_t color, int64_t key, fsmpi_comm **made);
int fsmpi_comm_split_shared(const fsmpi_comm *comm, int64_t key, fsmpi_comm **made);  // processes that share memory
int fsmpi_comm_free(fsmpi_comm *comm);
int fsmpi_comm_rank(const fsmpi_comm *comm, int *rank);
int fsmpi_comm_size(const fsmpi_comm *comm, int *size);
int fsmpi_abort(const fsmpi_comm *comm, int exit_code);  // comm may be NULL: the whole world

// Collectives. Reductions are in place; `counts` holds one entry per rank, in elements.
int fsmpi_barrier(const fsmpi_comm *comm);
int fsmpi_broadcast(const fsmpi_comm *comm, void *buffer, int64_t count, int type, int root);
int fsmpi_all_reduce(const fsmpi_comm *comm, void *buffer, int64_t count, int type, int operation);
int fsmpi_reduce(const fsmpi_comm *comm, void *buffer, int64_t count, int type, int operation, int root);
int fsmpi_reduce_scatter(
    const fsmpi_comm *comm, const void *send, void *receive, const int64_t *counts, int type, int operation);
int fsmpi_all_gather(
    const fsmpi_comm *comm, const void *send, int64_t send_count, void *receive, const int64_t *counts, int type);
int fsmpi_gather(
    const fsmpi_comm *comm, const void *send, int64_t send_count, void *receive, const int64_t *counts, int type,
    int root);
int fsmpi_all_to_all(
    const fsmpi_comm *comm, const void *send, const int64_t *send_counts, void *receive, const int64_t *receive_counts,
    int type);

// Point-to-point messages. `received` is the length in elements, or -1 if the message is not a whole number of elements.
// fsmpi_wait frees the request; so does fsmpi_test when it sets `done`.
int fsmpi_send(const fsmpi_comm *comm, const void *buffer, int64_t count, int type, int64_t to, int64_t tag);
int fsmpi_receive(
    const fsmpi_comm *comm, void *buffer, int64_t count, int type, int64_t from, int64_t tag, int64_t *received);
int fsmpi_start_send(
    const fsmpi_comm *comm, const void *buffer, int64_t count, int type, int64_t to, int64_t tag, fsmpi_request **made);
int fsmpi_start_receive(
    const fsmpi_comm *comm, void *buffer, int64_t count, int type, int64_t from, int64_t tag, fsmpi_request **made);
int fsmpi_wait(fsmpi_request *request, int64_t *received);
int fsmpi_test(fsmpi_request *request, bool *done, int64_t *received);
int fsmpi_probe(const fsmpi_comm *comm, int64_t from, int64_t tag, int type, int64_t *count);  // waits for a message

// Memory shared by the processes of a communicator from fsmpi_comm_split_shared. Rank 0 allocates all `byte_count` bytes;
// `base` is their address in this process. The window stays open to loads and stores until it is freed. Allocating and
// freeing are collective.
int fsmpi_window_allocate_shared(const fsmpi_comm *comm, int64_t byte_count, fsmpi_window **made, void **base);
int fsmpi_window_sync(fsmpi_window *window);
int fsmpi_window_free(fsmpi_window *window);

#endif
