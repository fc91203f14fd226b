# shellcheck shell=bash
# Messages of the launch scripts: on standard error, so that standard output is free for results.

# A line for the user.
say() { printf '%s\n' "$*" >&2; }

# Ends the script. Exit codes follow sysexits: 64 wrong usage, 69 something needed is missing.
fail() {
  local code=$1
  shift
  say "${0##*/}: $*"
  exit "$code"
}

# The comment block at the top of a script is its help: printed without the hash marks, up to the first line of code.
print_help() { awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"; }
