# shellcheck shell=bash
# Hostfiles. Two forms are read, and anything else is refused by file, line and word, because a word that is passed over is
# a wrong number of ranks:
#
#   Open MPI's   [user@]name [slots=N] [max_slots=N] [username=U] [port=N]; `count` and `cpu` stand for slots.
#                A name alone has all cores of its host.
#   MPICH's      name[:N]; a name alone has one slot, and there are no users. A file with one `name:N` is of this form.
#
# `#` begins a comment. Needs say.sh.

# The hosts of a hostfile, one `name slots user` a line; `-` for slots or a user that are not given.
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
  BEGIN { keys = "slots, count, cpu, max_slots, username or port" }
  NR == 1 && /^\357\273\277/ { refuse(substr($0, 4), "the file begins with a byte order mark, which mpirun cannot read; save it without one") }
  /\r/ { refuse($1, "the line ends in CR, as on Windows, which mpirun cannot read; convert the file (dos2unix)") }
  { line = $0; sub(/#.*/, ""); gsub(/[ \t]*=[ \t]*/, "=") }
  NF {
    slots = "-"; user = "-"; most = 0; name = $1
    split("", given)
    if (name ~ /^\^/) refuse(name, "hosts cannot be excluded here; leave the line out")
    if (name ~ /^\+/) refuse(name, "relative hosts need the allocation of a scheduler; name the host")
    if (name ~ /@/) { user = name; sub(/@.*/, "", user); sub(/^[^@]*@/, "", name) }
    if (name ~ /:.*:/) refuse($1, "mpirun takes no IPv6 addresses in hostfiles; name the host, or give its IPv4 address")
    if (name ~ /:/) {
      slots = name; sub(/.*:/, "", slots); sub(/:.*/, "", name)
      slots = whole($1, slots, 1); mpich = NR
    }
    if (name !~ /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/ || name ~ /^[0-9]+$/) refuse($1, "expected the name of a host")
    for (i = 2; i <= NF; i++) {
      if ($i ~ /^[0-9]+$/) refuse($i, "mpirun passes over a number alone; write slots=" $i)
      if ($i ~ /=/) { key = value = $i; sub(/=.*/, "", key); sub(/^[^=]*=/, "", value) }
      else refuse($i, "expected " keys)
      kind = key
      if (key == "slots" || key == "count" || key == "cpu") { kind = "slots"; slots = whole($i, value, 1) }
      else if (key ~ /^(max[-_]slots|slots[-_]max)$/) { kind = "max_slots"; most = whole($i, value, 1) }
      else if (key == "port") whole($i, value, 1)
      else if (key ~ /^user[-_]?name$/) { kind = "username"; user = value }
      else refuse($i, tolower(key) ~ /^(slots|count|cpu)$/ ? "mpirun knows it in small letters only: " tolower(key) : "expected " keys)
      if (kind in given) refuse($i, kind " is given twice for this host")
      given[kind] = 1
    }
    if (most && slots != "-" && slots + 0 > most) refuse($1, "max_slots is " most ", but slots is " slots)
    if (user != "-" && !users) { users = NR; whose = user "@" name }
    if (user != "-" && user !~ /^[A-Za-z0-9_.][A-Za-z0-9_.-]*$/) refuse($1, "\"" user "\" is no name of a user")
    if (name in seen) refuse(name, "the host is named twice; give it one line with all its slots")
    seen[name] = 1
    entries[++hosts] = name " " slots " " user
  }
  END {
    if (refused) exit 1
    if (mpich && users) { NR = users; refuse(whose, "a file with name:N takes no users; write slots=N, or set them in ~/.ssh/config") }
    if (!mpich && unended && line ~ /#/) refuse(line, "mpirun cannot read a comment that the file ends in without the end of its line; add one")
    for (i = 1; i <= hosts; i++) print entries[i]
    if (!hosts) { printf "refused: the hostfile %s names no host\n", file; exit 1 }
  }'

# Whether a hostfile is of MPICH's form.
is_mpich_hostfile() { sed 's/#.*//' "$1" | grep -qE '^[[:space:]]*[^[:space:]]+:[0-9]+'; }

# The sum of the slots; nothing where a name alone has as many as its host has cores.
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
