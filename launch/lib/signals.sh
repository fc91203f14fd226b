# shellcheck shell=bash

# hear_interrupts PROGRAM WORD...: restarts the running script if it was started with SIGINT ignored, as a script's background
# jobs are. A shell cannot trap a signal that was ignored when it started, nor can its children; tests that send SIGINT would hang.
hear_interrupts() {
  [[ $(trap -p INT) != "trap -- ''"* ]] || exec env --default-signal=INT --default-signal=QUIT "$@"
}
