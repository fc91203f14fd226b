# shellcheck shell=bash
# A job that is started again when it crashes. Needs say.sh.

# worth_a_restart CODE: whether a job that ended with that exit code may fare better the next time. Not one that succeeded,
# that a signal asked to end (75: whoever sent it decides what comes next; 130: a key typed at the terminal), whose command
# line, data or hostfile are wrong (64, 65, 66), or whose program is not there (126, 127). A crash, a killed rank, a stall
# (69), a full disk (74) and a launcher that could not start (1) are.
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

# The signals that ask to end go on to the job as SIGUSR1, by which it writes a checkpoint and ends with 75: mpirun passes
# that one on and waits, but after a SIGTERM it kills the ranks within a second. A second signal is for those who will not
# wait.
job='' asked_to_end=false
ask_job_to_end() {
  local signal=USR1
  if $asked_to_end; then signal=TERM; fi
  asked_to_end=true
  [[ -z $job ]] || kill -s "$signal" "$job" 2> /dev/null || true
}

# The seconds that a launcher may take to end when its job has: a daemon on another host that was stopped never answers, and
# mpirun would wait for it for ever.
ending_seconds=${FINGERSPELL_ENDING_SECONDS:-60}

# has_outcome FOLDER BEFORE: whether a run in FOLDER has written its outcome, other than the one of which BEFORE is the
# description.
has_outcome() { grep -q '"outcome" *:' "$1/run.json" 2> /dev/null && [[ $(run_description "$1") != "$2" ]]; }

# has_ranks PID: whether a process has descendants that are ranks, or on the way to become one.
has_ranks() {
  local children child
  children=$(cat "/proc/$1"/task/*/children 2> /dev/null) || true
  for child in $children; do
    if grep -qzE '^(OMPI_COMM_WORLD_RANK|PMI_RANK)=' "/proc/$child/environ" 2> /dev/null; then return 0; fi
    if has_ranks "$child"; then return 0; fi
  done
  return 1
}

# end_launcher JOB FOLDER BEFORE FLAG: ends a launcher that goes on for too long after the run in FOLDER has written its
# outcome, or after the ranks that it started on this host are gone; then FLAG is there, and says which.
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
    finished) say "The training has ended, but mpirun has not for $ending_seconds s: a host may not answer any more. It is ended here" ;;
    lost) say "The ranks on this host have ended, but mpirun has not for $ending_seconds s: a host may not answer any more. It is ended here" ;;
  esac
  kill -TERM "-$1" 2> /dev/null || true
  sleep 5
  kill -KILL "-$1" 2> /dev/null || true
}

# run_job FOLDER COMMAND...: runs it in a process group of its own, so that a key typed at the terminal reaches this script
# alone, and sets `status` to its exit code. Where its launcher had to be ended, that is 0 if the training in FOLDER has an
# outcome, and otherwise 69.
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

# run_with_restarts N FOLDER COMMAND...: runs the command, and at most N times more when it crashes, with --resume if it
# has begun its run in FOLDER. Returns the last exit code, or 75 if a signal came between two jobs.
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
      # A job that had no handler yet died of the signal itself: it had nothing to lose, and can be started again too.
      if ((status > 128)); then status=75; fi
      break
    fi
    worth_a_restart "$status" || break
    if ((restarts == limit)); then
      ((limit == 0)) || say "gave up after $restarts restart(s); the exit codes were $codes." \
        "What is there of the run is in $folder: once the cause is mended, --output $folder --resume goes on from there"
      break
    fi
    restarts=$((restarts + 1))
    # Before the run had begun, the folder may hold an earlier one, which is not to be gone on with.
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

# Sleeps, but no longer than until a signal.
wait_before_restart() {
  sleep "$1" &
  job=$!
  wait "$job" || true
  kill "$job" 2> /dev/null || true
  job=''
}

# What tells one run in a folder from another.
run_description() { cksum 2> /dev/null < "$1/run.json" || true; }
