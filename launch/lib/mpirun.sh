# shellcheck shell=bash
# The mpirun command line for a number of ranks on this machine or on the hosts of a hostfile. Needs say.sh, mpi.sh,
# cores.sh and hostfile.sh.

# mpirun_command RANKS HOSTFILE BIND AGENT (each may be empty) sets the array `command`, to be followed by the program.
mpirun_command() {
  local ranks=$1 hostfile=$2 bind=$3 agent=$4 implementation launcher room
  implementation=$(mpi_implementation)
  launcher=$(find_mpirun "$implementation") \
    || fail 69 "no mpirun of $implementation on the PATH; launch/setup installs it, MPI_IMPLEMENTATION chooses another"
  if [[ -n $hostfile ]]; then
    room=$("${implementation}_slots" "$hostfile") || exit $?
  else
    room=$(usable_cores)
  fi
  ranks=${ranks:-$room}
  if [[ -z $bind ]]; then
    # If only mpirun knows the number of slots, it refuses more ranks than that.
    if [[ -z $room ]] || ((ranks <= room)); then bind=core; else bind=none; fi
  fi
  command=("$launcher")
  # Without a number, mpirun fills every slot.
  [[ -z $ranks ]] || command+=(-n "$ranks")
  "${implementation}_options"
}

openmpi_slots() { hostfile_slots "$1"; }

# A name alone has one slot with MPICH, in either format; users and ports are not supported there.
mpich_slots() {
  local entries special
  entries=$(hostfile_entries "$1") || exit $?
  special=$(awk '$3 != "-" || $4 != "-" { print $1; exit }' <<< "$entries")
  [[ -z $special ]] \
    || fail 66 "$1: \"$special\" has a user or a port, which MPICH's mpirun does not accept; set them in ~/.ssh/config"
  awk '{ sum += $2 == "-" ? 1 : $2 } END { print sum }' <<< "$entries"
}

# Open MPI refuses root, and more ranks than cores, unless told otherwise; the slots of a hostfile are the user's decision.
openmpi_options() {
  command+=(--bind-to "$bind")
  ((EUID != 0)) || command+=(--allow-run-as-root)
  if [[ -n $hostfile ]] && is_mpich_hostfile "$hostfile"; then
    command+=(--host "$(hostfile_list "$hostfile")")
  elif [[ -n $hostfile ]]; then
    # The user's own file: mpirun knows more about it than we do.
    command+=(--hostfile "$hostfile")
  elif ((ranks > room)); then
    command+=(--oversubscribe)
  fi
  [[ -z $agent ]] || command+=(--mca plm_rsh_agent "$agent")
  [[ -z $hostfile ]] || mapfile -t -O "${#command[@]}" command < <(keepalive_options)
}

# MPICH's hydra accepts root and more ranks than cores.
mpich_options() {
  command+=(-bind-to "$bind")
  [[ -z $hostfile ]] || command+=(-hosts "$(hostfile_list "$hostfile")")
  [[ -z $agent ]] || command+=(-launcher rsh -launcher-exec "$agent")
}

# Without these, mpirun takes some fifteen minutes to notice that a host can no longer be reached, and a restart would have to
# wait for that. Values set by the user stay.
keepalive_options() {
  local option
  for option in oob_tcp_keepalive_time=3 oob_tcp_keepalive_intvl=2 oob_tcp_keepalive_probes=3; do
    [[ -n $(printenv "OMPI_MCA_${option%=*}") ]] || printf '%s\n' --mca "${option%=*}" "${option#*=}"
  done
}
