#!/bin/sh
# Makes .venv with the Python named in $1; installs Debian's python3-venv where that is missing.
set -eu
python=${1:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Wicketgate needs Python 3.11 or newer; $python is $("$python" -V 2>&1). Name another: make PYTHON=python3.12" >&2
    exit 1
fi
[ -x .venv/bin/pip ] && exit 0
"$python" -c 'import ensurepip, venv' 2>/dev/null || sh requirements/apt.sh python3-venv
"$python" -m venv .venv
