# shellcheck shell=bash
# Counting tests over suites of different kinds. A suite is a command whose output ends on a line that says how many of
# its tests passed and failed; one that ends without is counted as a failure, and so is a non-zero exit without a failed
# test. Needs say.sh, and the variables `passed`, `failed` and `skipped`, set to 0.

# count_suite COUNTS STATUS adds `passed failed skipped` (empty if no closing line was found) of a command that ended with
# STATUS.
count_suite() {
  local p f s
  if [[ -z $1 ]]; then
    say "The suite ended (exit code $2) without its closing line: counted as a failure."
    failed=$((failed + 1))
    return
  fi
  read -r p f s <<< "$1"
  if (($2 != 0 && f == 0)); then
    say "The suite ended with exit code $2 though no test failed: counted as a failure."
    f=1
  fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

# The counts of a log that ends on `N passed, N failed` or `N passed, N failed, N skipped`; nothing if it does not.
closing_line_counts() {
  awk 'NF { last = $0 }
    END { if (last ~ /^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$/) { split(last, w, " "); print w[1], w[3], w[5] + 0 } }' "$1"
}

# The counts of a log of Swift Testing, whose closing line is `Test run with N tests in M suites passed after ...` (the
# total includes skipped tests). Output that a test printed without a line end may stand before a record, hence the
# unanchored patterns. A failed run has at least one failure, even if no test was named (an issue outside a test). Tests of
# the real data set, which a clone need not have, are no tests where it is not.
swift_testing_counts() {
  awk '/Test run with [0-9]+ tests?.* (passed|failed) after [0-9.]+ seconds/ {
      runs += 1
      match($0, /Test run with [0-9]+/)
      total += substr($0, RSTART + 14, RLENGTH - 14)
      if ($0 ~ / failed after /) broken = 1
      next
    }
    /✘ Test .* failed after [0-9.]+ seconds/ { failed += 1 }
    /➜ Test .* skipped: "the real data set is not here"/ { total -= 1; next }
    /➜ Test .* skipped/ { skipped += 1 }
    END {
      if (!runs) exit
      if (broken && !failed) failed = 1
      print (total > failed + skipped ? total - failed - skipped : 0), failed + 0, skipped + 0
    }' "$1"
}

# The counts of a log of pytest, whose last line is `N failed, N passed, N skipped, N errors in 1.23s`, with or without a frame
# of equals signs. An error, as in a fixture, is a failure.
pytest_counts() {
  awk 'NF { last = $0 }
    END {
      if (last !~ /[0-9]+ (passed|failed|skipped|errors?).* in [0-9.]+s/) exit
      gsub(/[=,]/, " ", last)
      words = split(last, w, " ")
      for (i = 2; i <= words; i++) count[w[i]] = w[i - 1]
      print count["passed"] + count["xpassed"], count["failed"] + count["error"] + count["errors"], count["skipped"] + count["xfailed"]
    }' "$1"
}
