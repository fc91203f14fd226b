# shellcheck shell=bash
# How many workers this machine can run.

# The physical cores that this process may use: a second hardware thread on a busy core adds nothing to dense arithmetic.
usable_cores() {
  local allowed physical
  allowed=$(nproc)
  physical=$(lscpu -p=CORE,SOCKET 2> /dev/null | grep -v '^#' | sort -u | wc -l) || true
  if ((physical > 0 && physical < allowed)); then echo "$physical"; else echo "$allowed"; fi
}
