# PostgreSQL and Redis for services that run apart; sourced by ./forge. Installing them is all that the system is asked for: Forge starts
# servers of its own out of the run's folder, and the distribution's stay off, now and after the next boot.

# What Debian's packages ask before they start anything.
policy=${FORGE_POLICY_FILE:-/usr/sbin/policy-rc.d}

has_postgres() { compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null; }

# run_file_of ARGUMENT…: the run file that a train or resume with these arguments reads.
run_file_of() {
    local verb=$1 file= folder=
    shift
    while [[ $# -gt 0 ]]; do
        case $1 in
            --run=*) file=${1#*=} ;;
            --run) file=${2:-} ;;
            --run-dir=*) folder=${1#*=} ;;
            --run-dir) folder=${2:-} ;;
            --resume) verb=resume ;;
        esac
        shift
    done
    [[ $verb != resume ]] || file=${folder:-runs/latest}/run.yaml
    printf '%s' "$file"
}

# needs_servers ARGUMENT…: whether the command with these arguments runs services apart.
needs_servers() {
    case "${1:-} ${2:-}" in
        test\ * | up\ * | chaos\ * | 'bench pool') true ;;
        train\ * | resume\ *) grep -qs '^services:' "$(run_file_of "$@")" ;;
        *) false ;;
    esac
}

# A policy of the machine's own is left as it is; one that was made here goes again, also when the launcher is interrupted.
keep_servers_off() {
    [[ ! -e $policy ]] || return 0
    trap let_servers_be EXIT
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null && "${as_root[@]}" chmod 755 "$policy"
}

let_servers_be() {
    [[ -z $(trap -p EXIT) ]] || "${as_root[@]}" rm -f "$policy"
    trap - EXIT
}

# Debian starts a server of each package unless it is told not to.
install_servers() {
    local missing=() rc=0
    has_postgres || missing+=(postgresql)
    command -v redis-server >/dev/null || missing+=(redis-server)
    [[ ${#missing[@]} -gt 0 ]] || return 0
    as_root=()
    [[ $(id -u) -eq 0 ]] || as_root=(sudo)
    keep_servers_off
    supervise install_packages "${missing[@]}" || rc=$?
    let_servers_be
    [[ $rc -eq 0 ]] || exit "$rc"
    if [[ -d /run/systemd/system ]]; then
        "${as_root[@]}" systemctl disable --quiet "${missing[@]}" || say "could not disable ${missing[*]}; they may start with the machine"
    fi
}
