// Shared by the shim's sources: the structs around MPI's handles, and the mapping of the enumerations to MPI's constants.

#ifndef CMPISHIMS_INTERNAL_H
#define CMPISHIMS_INTERNAL_H

#include <limits.h>
#include <mpi.h>
#include <stdlib.h>

#include "CMPIShims.h"

struct fsmpi_comm {
  MPI_Comm handle;
};

struct fsmpi_request {
  MPI_Request handle;
  MPI_Datatype type;
};

struct fsmpi_window {
  MPI_Win handle;
};

#define FSMPI_TRY(call)                      \
  do {                                       \
    int status_ = (call);                    \
    if (status_ != MPI_SUCCESS) return status_; \
  } while (0)

// MPI's datatype or operation for a value of the enumerations; FSMPI_UNKNOWN_KIND for any other value.
int fsmpi_datatype(int type, MPI_Datatype *datatype);
int fsmpi_operation(int operation, MPI_Op *op);

// Wraps a communicator that MPI has just made and sets its error handler to MPI_ERRORS_RETURN. MPI_COMM_NULL becomes NULL.
int fsmpi_adopt(MPI_Comm handle, fsmpi_comm **made);

#endif
