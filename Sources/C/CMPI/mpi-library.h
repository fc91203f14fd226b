// The system's MPI library: this target only carries its pkg-config name. Only CMPIShims includes mpi.h, because its
// constants are macros of implementation-specific types, which Swift cannot import.
