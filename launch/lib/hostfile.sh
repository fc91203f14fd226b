# shellcheck shell=bash
# Hostfiles. Two formats are read, and anything else is refused by file, line and word, because ignoring a word would mean a
# wrong number of ranks:
#
#   Open MPI's   [user@]name [slots=N] [max_slots=N] [username=U] [port=N]; `count` and `cpu` stand for slots. A name alone has
#                all cores of its host; a name alone on n lines, one per rank, has n slots.
#   MPICH's      name[:N]; a name alone has one slot, and there are no users. A file with one `name:N` has this format.
#
# `#` begins a comment. Needs say.sh.

# The hosts of a hostfile, one `name slots user port` per line; `-` for what is not given.
hostfile_entries() {
  local entries
  [[ -f $1 && -r $1 ]] || fail 66 "cannot read the hostfile '$1'"
  # The last line may lack its end.
  entries=$(LC_ALL=C awk -v file="$1" -v unended="$(tail -c 1 "$1" | grep -c . || true)" "$hostfile_grammar" "$1") || {
    say "${0##*/}: ${entries#refused: }"
    exit 66
  }
  printf '%s\n' "$entries"
}

# shellcheck disable=SC2016 # awk's own variables
hostfile_grammar='
  function refuse(word, why) {
    gsub(/[^ -~]/, "?", word)
    printf "refused: %s, line %d, \"%s\": %s\n", file, NR, word, why
    refused = 1
    exit 1
  }
  function whole(word, value, least) {
    if (value !~ /^[0-9]+$/ || length(value) > 5 || value + 0 < least) refuse(word, "expected a whole number from " least " to 99999")
    return value + 0
  }
  function is_name(word) { return word ~ /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/ }
  function once(kind, word) {
    if (kind in given) refuse(word, kind " is given twice for this host")
    given[kind] = 1
  }
  BEGIN { keys = "slots, count, cpu, max_slots, username or port" }
  NR == 1 && /^\357\273\277/ { refuse(substr($0, 4), "the file begins with a byte order mark, which mpirun cannot read; save it without one") }
  /\r/ { refuse($1, "the line ends in CR, as on Windows, which mpirun cannot read; convert the file (dos2unix)") }
  { line = $0; sub(/#.*/, ""); gsub(/[ \t]*=[ \t]*/, "=") }
  NF {
    slots = most = user = port = "-"; name = $1
    split("", given)
    if (name ~ /^\^/) refuse(name, "hosts cannot be excluded here; leave the line out")
    if (name ~ /^\+/) refuse(name, "relative hosts need the allocation of a scheduler; name the host")
    if (name ~ /@/) {
      user = name; sub(/@.*/, "", user); sub(/^[^@]*@/, "", name)
      if (user ~ /\./ && is_name(user)) refuse($1, "mpirun does not accept a user with a dot before @; write username=" user " after the host")
    }
    if (name ~ /:.*:/) refuse($1, "mpirun does not accept IPv6 addresses in hostfiles; name the host, or give its IPv4 address")
    if (name ~ /:/) {
      slots = name; sub(/.*:/, "", slots); sub(/:.*/, "", name)
      slots = whole($1, slots, 1); mpich = NR; given["slots"] = 1
    }
    if (!is_name(name) || name ~ /^[0-9]+$/) refuse($1, "expected the name of a host")
    for (i = 2; i <= NF; i++) {
      if ($i ~ /^[0-9]+$/) refuse($i, "mpirun ignores a number alone; write slots=" $i)
      if ($i !~ /=/) refuse($i, "expected " keys)
      key = value = $i; sub(/=.*/, "", key); sub(/^[^=]*=/, "", value)
      if (key ~ /^(slots|count|cpu)$/) { once("slots", $i); slots = whole($i, value, 1) }
      else if (key ~ /^(max[-_](slots|count|cpu)|(slots|count|cpu)[-_]max)$/) { once("max_slots", $i); most = whole($i, value, 1) }
      else if (key == "port") { once("port", $i); port = whole($i, value, 1) }
      else if (key ~ /^user[-_]?name$/) { once("username", $i); user = value }
      else refuse($i, tolower(key) ~ /^(slots|count|cpu)$/ ? "mpirun knows it only in lower case: " tolower(key) : "expected " keys)
    }
    if (most != "-" && slots != "-" && slots + 0 > most + 0) refuse($1, "max_slots is " most ", but slots is " slots)
    if (user != "-" && !is_name(user)) refuse($1, "\"" user "\" is not a user name")
    if (slots == "-") slots = most
    if (!(name in place)) {
      place[name] = ++hosts; names[hosts] = name; counts[hosts] = slots; times[hosts] = 1
      users[hosts] = user; ports[hosts] = port
    } else {
      # As batch systems write it: one line per rank.
      if (slots != "-" || (times[place[name]] == 1 && counts[place[name]] != "-")) refuse(name, "the host is named twice; give it one line with all its slots")
      counts[place[name]] = ++times[place[name]]
    }
    if (user != "-" || port != "-") { if (!special) { special = NR; whose = user == "-" ? name : user "@" name } }
  }
  END {
    if (refused) exit 1
    if (mpich && special) { NR = special; refuse(whose, "a file with name:N cannot have users and ports; write slots=N, or set them in ~/.ssh/config") }
    if (!mpich && unended && line ~ /#/) refuse(line, "mpirun cannot read a comment in the last line without a line end; add one")
    for (i = 1; i <= hosts; i++) print names[i], counts[i], users[i], ports[i]
    if (!hosts) { printf "refused: the hostfile %s contains no host\n", file; exit 1 }
  }'

# Whether a hostfile has MPICH's format.
is_mpich_hostfile() { sed 's/#.*//' "$1" | grep -qE '^[[:space:]]*[^[:space:]]+:[0-9]+'; }

# The sum of the slots; nothing if a name alone stands for all cores of its host.
hostfile_slots() {
  local bare='' entries
  is_mpich_hostfile "$1" && bare=1
  entries=$(hostfile_entries "$1") || exit $?
  awk -v bare="$bare" '$2 == "-" { if (bare == "") unknown = 1; $2 = bare } { sum += $2 } END { if (!unknown) print sum }' <<< "$entries"
}

# The hostfile as one argument, `name:N,name:N`; a name alone has one slot.
hostfile_list() {
  local entries
  entries=$(hostfile_entries "$1") || exit $?
  awk '{ printf "%s%s:%s", separator, $1, $2 == "-" ? 1 : $2; separator = "," } END { print "" }' <<< "$entries"
}
