// The system's MPI library: this target only carries its pkg-config name. mpi.h is seen by CMPIShims alone, because its
// constants are macros of implementation-specific types that Swift cannot import.
