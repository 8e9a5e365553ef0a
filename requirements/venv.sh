#!/bin/sh
# Makes .venv with the Python named in $1; installs Debian's python3-venv where that is missing. $2 is who named it,
# in make's words: one that was asked for is not silently another.
set -eu
python=${1:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Wicketgate needs Python 3.11 or newer; $python is $("$python" -V 2>&1). Name another: make PYTHON=python3.12" >&2
    exit 1
fi
if [ -x .venv/bin/pip ]; then
    [ "${2:-file}" = file ] && exit 0
    which='import sys; print(sys.base_prefix, sys.version)'
    [ "$("$python" -c "$which")" = "$(.venv/bin/python -c "$which")" ] && exit 0
    echo ".venv is there, and made with $(.venv/bin/python -V 2>&1), not with $python. Remove it: rm -r .venv" >&2
    exit 1
fi
"$python" -c 'import ensurepip, venv' 2>/dev/null || sh requirements/apt.sh python3-venv
"$python" -m venv .venv
