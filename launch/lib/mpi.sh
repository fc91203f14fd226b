# shellcheck shell=bash
# Which MPI to build for, and the launcher that belongs to it. Needs say.sh.

# The implementation chosen by MPI_IMPLEMENTATION: openmpi (the default) or mpich.
mpi_implementation() {
  case ${MPI_IMPLEMENTATION:-openmpi} in
    openmpi | mpich) printf '%s\n' "${MPI_IMPLEMENTATION:-openmpi}" ;;
    *) fail 64 "MPI_IMPLEMENTATION is '$MPI_IMPLEMENTATION'; it must be openmpi or mpich" ;;
  esac
}

# The pkg-config name of an implementation's C library.
mpi_package_config() {
  case $1 in openmpi) echo ompi-c ;; mpich) echo mpich ;; esac
}

# The implementation that a launcher belongs to, read off its --version: openmpi, mpich or unknown.
mpirun_kind() {
  local version
  version=$("$1" --version 2>&1 < /dev/null) || true
  case $version in
    *"Open MPI"* | *OpenRTE* | *PRRTE*) echo openmpi ;;
    *HYDRA*) echo mpich ;;
    *) echo unknown ;;
  esac
}

# The first launcher of the implementation: mpirun if it is the right one (from a module system, say), otherwise
# the one that Debian names after the implementation. Fails if there is none.
find_mpirun() {
  local candidate
  for candidate in mpirun "mpirun.$1"; do
    if command -v "$candidate" > /dev/null && [[ $(mpirun_kind "$candidate") == "$1" ]]; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}
