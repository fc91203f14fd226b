# shellcheck shell=bash
# The Swift toolchain and its build folder. Needs say.sh and mpi.sh.

# Fails, saying what to do, unless a Swift of at least 6.2 is on the PATH.
require_swift() {
  local version
  command -v swift > /dev/null || fail 69 "no 'swift' on the PATH; install Swift 6.2 or newer: https://www.swift.org/install/linux"
  version=$(swift --version 2>&1 | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
  [[ -n $version ]] || fail 69 "'swift --version' does not run; a library may be missing: $(swift --version 2>&1 | head -n 1)"
  if ((${version%.*} * 1000 + ${version#*.} < 6002)); then
    fail 69 "Swift $version is too old; install Swift 6.2 or newer: https://www.swift.org/install/linux"
  fi
}

# The build folder: .build, or a separate one for another MPI or CPU, so that neither rebuilds the other.
build_folder() {
  local implementation folder=$1/.build
  implementation=$(mpi_implementation)
  [[ $implementation == openmpi ]] || folder+=-$implementation
  [[ -z ${FINGERSPELL_CPU:-} || $FINGERSPELL_CPU == native ]] || folder+=-$FINGERSPELL_CPU
  printf '%s\n' "$folder"
}
