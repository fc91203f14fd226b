# shellcheck shell=bash
# The Python that the tests run in.

# find_python MODULE...: the first python3 that has those modules: of the PATH, or the system's own, whose modules are Debian's
# packages, where another Python comes before it on the PATH. Fails if there is none.
find_python() {
  local candidate imports
  imports=$(IFS=, && echo "import $*")
  while read -r candidate; do
    if "$candidate" -c "$imports" > /dev/null 2>&1 < /dev/null; then
      printf '%s\n' "$candidate"
      return
    fi
  done < <(type -ap python3 && printf '%s\n' /usr/bin/python3)
  return 1
}

# What the system tests import that is not Python's own.
# shellcheck disable=SC2034 # for the scripts that use this file
test_modules=(pytest xdist pytest_timeout numpy)
