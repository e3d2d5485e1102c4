#!/usr/bin/env bash
# Writes down the versions that .venv has, so that every machine gets the same.
# To renew them: rm -rf .venv, empty constraints.txt, make check, make constraints, make test.
set -euo pipefail
cd "$(dirname "$0")/.."
fresh=$(mktemp)
echo "# Written by scripts/constraints.sh: every version hallctl is built, run and tested with." >"$fresh"
.venv/bin/python -m pip freeze --all --exclude-editable --exclude hallctl --exclude pip |
    grep -E '^[A-Za-z0-9._-]+==' | sort -f >>"$fresh"
cat "$fresh" >constraints.txt
rm "$fresh"
