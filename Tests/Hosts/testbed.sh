# shellcheck shell=bash
# A testbed of several hosts on one machine, made of namespaces: what crosses a network in it crosses a real TCP stack.
#
#   the testbed   a network, mount and process namespace that the test script itself moves into (testbed_enter). Its network
#                 holds one bridge, the switch. Everything in the testbed ends when the script ends, however it ends, and
#                 nothing of it can be seen outside: two testbeds on one machine know nothing of each other.
#   a host        a network, mount, host-name and IPC namespace in the testbed, kept by one process: an interface eth0 on the
#                 switch (10.77.0.N), its own /etc/hosts, and a /dev/shm of its own, which holds its temporary folder too.
#                 An MPI library therefore sees distinct nodes. The file system is common to all, as on a cluster.
#
# Use: testbed_enter "$0" "$@"; testbed_up 4; testbed_run host2 COMMAND... There is nothing to clean up: when the script
# ends, the kernel ends every process of the testbed with it. The agent beside this file starts commands on other hosts as
# ssh would (mpirun --mca plm_rsh_agent).

testbed_source=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# The agent for mpirun: AGENT HOST COMMAND...
# shellcheck disable=SC2034 # for the scripts that use this file
testbed_agent=$testbed_source/agent

# Moves the calling script into a testbed of its own by starting it again there; returns once inside. Returns 1 outside if this
# machine does not allow namespaces. A user other than root becomes root of a user namespace.
testbed_enter() {
  [[ -z ${FINGERSPELL_TESTBED:-} ]] || return 0
  local namespaces=(--net --mount --pid --fork --kill-child --mount-proc)
  ((EUID == 0)) || namespaces+=(--user --map-root-user)
  PATH=$PATH:/usr/sbin:/sbin
  testbed_possible "${namespaces[@]}" || return 1
  FINGERSPELL_TESTBED=$(mktemp -d "${TMPDIR:-/tmp}/fingerspell-testbed.XXXXXX")
  export FINGERSPELL_TESTBED PATH
  # unshare itself blocks SIGINT and SIGTERM, hence the KILL, which takes the testbed along.
  setpriv --pdeathsig KILL unshare "${namespaces[@]}" "$@" &
  local testbed=$! status=0
  # shellcheck disable=SC2064 # the number of this very process
  trap "kill -KILL $testbed 2> /dev/null" INT TERM HUP
  wait "$testbed" || status=$?
  rm -rf "$FINGERSPELL_TESTBED"
  exit "$status"
}

# Whether the namespaces of a testbed and of a host can be made here, and wired.
testbed_possible() {
  unshare "$@" unshare --net --mount --uts --ipc sh -c \
    'ip link add probe type veth peer name probe2 && mount -t tmpfs tmpfs /dev/shm && hostname probe' \
    > /dev/null 2>&1
}

# testbed_up N: makes the switch and the hosts host1 ... hostN.
testbed_up() {
  local number
  ip link add switch type bridge
  ip link set switch up
  echo '127.0.0.1 localhost' > "$FINGERSPELL_TESTBED/hosts"
  for ((number = 1; number <= $1; number++)); do
    echo "10.77.0.$number host$number" >> "$FINGERSPELL_TESTBED/hosts"
  done
  for ((number = 1; number <= $1; number++)); do testbed_add_host "$number"; done
}

# Starts the process that keeps host N's namespaces, waits until it is ready, and plugs it into the switch.
testbed_add_host() {
  local number=$1 pipe=$FINGERSPELL_TESTBED/ready pid
  mkfifo "$pipe"
  unshare --net --mount --uts --ipc "$testbed_source/host" "host$number" "$pipe" &
  pid=$!
  read -r -t 10 _ < "$pipe"
  rm "$pipe"
  echo "$pid" > "$FINGERSPELL_TESTBED/host$number"
  ip link add "port$number" type veth peer name eth0 netns "$pid"
  ip link set "port$number" master switch up
  testbed_run "host$number" ip address add "10.77.0.$number/24" dev eth0
  testbed_run "host$number" ip link set eth0 up
}

# testbed_run HOST COMMAND...: runs a command on a host, in the current folder.
testbed_run() {
  nsenter --target "$(< "$FINGERSPELL_TESTBED/$1")" --net --mount --uts --ipc \
    env --chdir="$PWD" TMPDIR=/dev/shm/tmp "${@:2}"
}

# testbed_host_of FOLDER: the host that a process is on, by its folder in /proc; empty if none.
testbed_host_of() {
  local file
  for file in "$FINGERSPELL_TESTBED"/host[0-9]; do
    if [[ $1/ns/uts -ef /proc/$(< "$file")/ns/uts ]]; then echo "${file##*/}"; fi
  done
}
