#!/usr/bin/env bash
# Processes by name, for ops/city, which sources this. Each has a session of its own, a line in $dir/run/NAME that
# says which process it is, and a log in $dir/log/NAME.log. A number that was given to another process since is
# not taken for it: the line has the moment of its start too.
: "${dir:?ops/city sets it}"

# begin NAME COMMAND…: starts COMMAND as NAME, unless it runs. It does not keep the lock that ops/city has on 9.
begin() {
    local name=$1
    shift
    if runs "$name"; then return; fi
    setsid env --chdir=/ "$@" </dev/null >>"$dir/log/$name.log" 2>&1 9>&- &
    echo "$! $(moment "$!")" >"$dir/run/$name"
}

# moment PID: when the process was started, in ticks since the machine was; nothing where it has ended.
moment() {
    local stat state rest
    { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 0
    # The name, in brackets, may hold anything.
    read -r state rest <<<"${stat##*) }"
    [[ $state == Z ]] || cut -d ' ' -f 19 <<<"$rest"
}

# number NAME: its process, where it runs.
number() {
    local pid since
    [[ -e $dir/run/$1 ]] || return 0
    read -r pid since <"$dir/run/$1"
    [[ -z $since || $(moment "$pid") != "$since" ]] || echo "$pid"
}

runs() { [[ -n $(number "$1") ]]; }

# has_died NAME: it was started, nobody asked it to end, and it does not run.
has_died() { [[ -e $dir/run/$1 ]] && ! runs "$1"; }

# end SIGNAL NAME…: asks them to end, waits until they have, and forgets them. Who does not within a minute is killed.
end() {
    local signal=$1 name deadline=$((SECONDS + 60))
    shift
    for name in "$@"; do tell "$signal" "$name"; done
    for name in "$@"; do
        while runs "$name"; do
            if ((SECONDS >= deadline)); then
                echo "${0##*/}: $name did not end within a minute, and is killed" >&2
                tell KILL "$name"
            fi
            sleep 0.05
        done
        rm -f -- "$dir/run/$name"
    done
}

tell() {
    local pid
    pid=$(number "$2")
    # It may end by itself meanwhile.
    [[ -z $pid ]] || kill -s "$1" "$pid" 2>/dev/null || true
}

# until_so WHAT SECONDS COMMAND…: tries COMMAND until it succeeds. What it says is shown if it never does.
until_so() {
    local what=$1 deadline=$((SECONDS + $2)) name
    shift 2
    until "$@" >"$dir/log/last-attempt" 2>&1; do
        for name in $(started); do
            ! has_died "$name" || fail "$name has ended: $(tail -n 5 "$dir/log/$name.log")"
        done
        if ((SECONDS >= deadline)); then fail "still not: $what: $(<"$dir/log/last-attempt")"; fi
        sleep 0.2
    done
}

# started: everything that was started and not asked to end.
started() { ls "$dir/run"; }
