#!/bin/sh
# Installs pre-commit where test/package/hooks.test.ts finds it: $FWLINT_TOOLS/pre-commit (default: ${XDG_CACHE_HOME:-~/.cache}/fwlint-tools).
# Needs Python with venv, and pip's package index. Does not need root. Delete the folder to refresh it.
set -eu

place=${FWLINT_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/fwlint-tools}/pre-commit
[ -x "$place/bin/pre-commit" ] || {
  python3 -m venv "$place"
  "$place/bin/pip" --quiet --disable-pip-version-check install pre-commit
}
"$place/bin/pre-commit" --version
