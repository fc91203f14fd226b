# shellcheck shell=bash

# hear_interrupts PROGRAM WORD...: begins the running script again if it was started deaf to SIGINT, as a script's background
# jobs are. A shell cannot trap what was ignored when it began, nor can what it starts; tests that send SIGINT would wait.
hear_interrupts() {
  [[ $(trap -p INT) != "trap -- ''"* ]] || exec env --default-signal=INT --default-signal=QUIT "$@"
}
