#!/bin/sh
# The Python environment of this checkout: pinned, checked by hash. `make setup` and `make
# setup-GROUP` call it in the checkout's folder:
#
#   set_up.sh            what every command and the tests need (requirements.lock)
#   set_up.sh GROUP      an optional group of pyproject.toml besides (requirements/GROUP.lock)
#   set_up.sh --tools    only a look at what the distribution must have
#
# $PYTHON makes it in the folder $VENV. Where that is done and no lock has changed since, nothing
# happens. Scripts in an environment name its path, which $VENV/ready holds: after a move it is
# made anew. Another one that sets up the same folder is waited for.
set -eu
PYTHON=${PYTHON:-python3} VENV=${VENV:-.venv}
here=$(pwd -P)

refuse() { # SENTENCE...
  printf '%s\n' "$@"
  exit 2
}

look_at_tools() {
  case $here in *[[:cntrl:]:\$\`\"\\]*)
    refuse "$here: the path holds one of : \$ \` \" \\, or a tab or line break, which scripts of Python" \
      "environments do not stand; move the checkout to another folder" ;;
  esac
  missing=
  for tool in git g++ perl; do command -v "$tool" >/dev/null || missing="$missing $tool"; done
  if ! command -v "$PYTHON" >/dev/null; then
    [ "$PYTHON" = python3 ] ||
      refuse "PYTHON=$PYTHON: there is no such program; give one of Python 3.11 or newer"
    missing="$missing python3 python3-venv"
  elif ! "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    refuse "Hearth needs Python 3.11 or newer; $PYTHON is older (make PYTHON=...)"
  else
    "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
  fi
  [ -z "$missing" ] || refuse "missing packages: sudo apt install$missing"
}

moved() { [ -s "$VENV/ready" ] && [ "$(cat "$VENV/ready")" != "$here" ]; }

made() { # MARK INPUT...: the mark is there and no input is newer
  mark=$1
  shift
  [ -e "$mark" ] || return 1
  for input; do [ ! "$input" -nt "$mark" ] || return 1; done
}

wait_for_others() {
  mkdir -p "$VENV"
  exec 9>"$VENV/lock"
  ! command -v flock >/dev/null || flock 9
}

install() {
  (set -x; "$VENV/bin/pip" --quiet --disable-pip-version-check install --no-build-isolation "$@")
}

base_made() { ! moved && made "$VENV/ready" requirements.lock pyproject.toml; }

base() {
  base_made && return
  look_at_tools
  wait_for_others
  base_made && return
  anew=
  if moved; then
    [ ! -L "$VENV" ] ||
      refuse "$VENV is a link to the environment of $(cat "$VENV/ready"), which would be cleared; remove the" \
        "link, and this checkout gets its own"
    echo "the checkout was moved: $VENV is made anew"
    rm -f "$VENV"/*ready
    anew=--clear
  fi
  (set -x; "$PYTHON" -m venv $anew "$VENV")
  install --require-hashes -r requirements.lock
  install --no-deps -e .
  echo "$here" >"$VENV/ready"
}

group() { # NAME
  [ -f "requirements/$1.lock" ] || refuse "setup-$1: there is no requirements/$1.lock"
  made "$VENV/$1-ready" "requirements/$1.lock" && return
  wait_for_others
  made "$VENV/$1-ready" "requirements/$1.lock" && return
  install --require-hashes -r "requirements/$1.lock"
  touch "$VENV/$1-ready"
}

case ${1:-} in
  --tools) look_at_tools ;;
  "") base ;;
  *) base && group "$1" ;;
esac
