# shellcheck shell=bash
# Restarts of a crashed job. Needs say.sh.

# worth_a_restart CODE: whether a job with that exit code may succeed the next time. Not after success, a request to stop (75:
# whoever sent the signal decides what comes next; 130: a key typed at the terminal), a wrong command line, data or hostfile
# (64, 65, 66), or a missing program (126, 127). But after a crash, a killed rank, a stall (69), a full disk (74), and a
# launcher that could not start (1).
worth_a_restart() {
  case $1 in 0 | 64 | 65 | 66 | 75 | 126 | 127 | 130) return 1 ;; esac
}

# restart_pause N: the seconds before the N-th restart: 1, 2, 4, and so on, at most 60.
restart_pause() { if (($1 > 6)); then echo 60; else echo $((1 << ($1 - 1))); fi; }

# output_of WORD...: the folder that --output names in a command; the last one counts. Fails if there is none.
output_of() {
  local folder='' named=false
  while (($#)); do
    case $1 in
      --output=*) folder=${1#--output=} named=true ;;
      --output) (($# < 2)) || { folder=$2 named=true && shift; } ;;
    esac
    shift
  done
  $named && printf '%s\n' "$folder"
}

# new_run_folder: the name that the program would choose for a run that starts now.
new_run_folder() {
  local name number=1
  name=runs/$(date +%Y-%m-%dT%H-%M-%S)
  local folder=$name
  while [[ -e $folder ]]; do
    number=$((number + 1))
    folder=$name-$number
  done
  printf '%s\n' "$folder"
}

# The signals that ask to stop are forwarded to the job as SIGUSR1, on which it writes a checkpoint and exits with 75: mpirun
# forwards that one and waits, but after a SIGTERM it kills the ranks within a second. A second signal ends the job at once.
job='' asked_to_end=false
ask_job_to_end() {
  local signal=USR1
  if $asked_to_end; then signal=TERM; fi
  asked_to_end=true
  [[ -z $job ]] || kill -s "$signal" "$job" 2> /dev/null || true
}

# The seconds that a launcher may take to exit after its job has ended: a stopped daemon on another host never answers, and
# mpirun would wait for it forever.
ending_seconds=${FINGERSPELL_ENDING_SECONDS:-60}

# has_outcome FOLDER BEFORE: whether a run in FOLDER other than the one described by BEFORE has written its outcome.
has_outcome() { grep -q '"outcome" *:' "$1/run.json" 2> /dev/null && [[ $(run_description "$1") != "$2" ]]; }

# has_ranks PID: whether a process has descendants that are ranks, or about to become one.
has_ranks() {
  local children child
  children=$(cat "/proc/$1"/task/*/children 2> /dev/null) || true
  for child in $children; do
    if grep -qzE '^(OMPI_COMM_WORLD_RANK|PMI_RANK)=' "/proc/$child/environ" 2> /dev/null; then return 0; fi
    if has_ranks "$child"; then return 0; fi
  done
  return 1
}

# end_launcher JOB FOLDER BEFORE FLAG: ends a launcher that keeps running for too long after the run in FOLDER has written its
# outcome, or after its ranks on this host are gone; the file FLAG then says which.
end_launcher() {
  local why='' seen=false idle=0
  until ((idle >= ending_seconds)); do
    sleep 1
    if has_outcome "$2" "$3"; then
      why=finished idle=$((idle + 1))
    elif has_ranks "$1"; then
      seen=true idle=0
    elif $seen; then
      why=lost idle=$((idle + 1))
    fi
  done
  kill -0 "$1" 2> /dev/null || return 0
  echo "$why" > "$4"
  case $why in
    finished) say "The training has ended, but mpirun has not for $ending_seconds s: a host may be unreachable. Ending mpirun" ;;
    lost) say "The ranks on this host have ended, but mpirun has not for $ending_seconds s: a host may be unreachable. Ending mpirun" ;;
  esac
  kill -TERM "-$1" 2> /dev/null || true
  sleep 5
  kill -KILL "-$1" 2> /dev/null || true
}

# run_job FOLDER COMMAND...: runs the command in a separate process group, so that a key typed at the terminal reaches only this
# script, and sets `status` to its exit code. If its launcher had to be ended, that is 0 if the training in FOLDER has an
# outcome, otherwise 69.
run_job() {
  local folder=$1 scratch watcher
  shift
  scratch=$(mktemp -d)
  set -m
  "$@" < /dev/null &
  job=$!
  end_launcher "$job" "$folder" "$(run_description "$folder")" "$scratch/why" < /dev/null &
  watcher=$!
  set +m
  while :; do
    status=0
    wait "$job" || status=$?
    # A signal ends the wait, not the job.
    kill -0 "$job" 2> /dev/null || break
  done
  # The wait that a signal ended has not seen the exit code.
  status=0
  wait "$job" || status=$?
  job=''
  kill -- "-$watcher" 2> /dev/null || true
  wait "$watcher" 2> /dev/null || true
  case $(cat "$scratch/why" 2> /dev/null || true) in finished) status=0 ;; lost) status=69 ;; esac
  rm -rf "$scratch"
}

# run_with_restarts N FOLDER COMMAND...: runs the command, and at most N more times when it crashes, with --resume if it
# has started its run in FOLDER. Returns the last exit code, or 75 if a signal came between two jobs.
run_with_restarts() {
  local limit=$1 folder=$2 restarts=0 codes='' before
  shift 2
  local command=("$@")
  trap ask_job_to_end INT TERM USR1 HUP
  before=$(run_description "$folder")
  while :; do
    run_job "$folder" "${command[@]}"
    codes+=${codes:+, }$status
    if $asked_to_end; then
      # A job without a signal handler yet died of the signal itself: it had nothing to lose, and can be restarted as well.
      if ((status > 128)); then status=75; fi
      break
    fi
    worth_a_restart "$status" || break
    if ((restarts == limit)); then
      ((limit == 0)) || say "gave up after $restarts restart(s); the exit codes were $codes." \
        "The run so far is in $folder: after fixing the cause, resume it with --output $folder --resume"
      break
    fi
    restarts=$((restarts + 1))
    # Before the run had started, the folder may hold an earlier run, which must not be resumed.
    if [[ " ${command[*]} " != *' --resume '* && $(run_description "$folder") != "$before" ]]; then command+=(--resume); fi
    say "exit code $status; restart $restarts of $limit in $(restart_pause "$restarts") s"
    wait_before_restart "$(restart_pause "$restarts")"
    if $asked_to_end; then
      status=75
      break
    fi
  done
  trap - INT TERM USR1 HUP
  return "$status"
}

# Sleeps, at most until a signal.
wait_before_restart() {
  sleep "$1" &
  job=$!
  wait "$job" || true
  kill "$job" 2> /dev/null || true
  job=''
}

# Distinguishes one run in a folder from another.
run_description() { cksum 2> /dev/null < "$1/run.json" || true; }
