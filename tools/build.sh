# Sourced by demo and test, after setup.sh: what gets built, each step incremental.
# shellcheck shell=bash disable=SC2154 # root, jobs: setup.sh

# configure_and_build DIRECTORY WRAPPER CMAKE_OPTION TARGET…
configure_and_build() {
  local directory=$1 wrapper=$2 option=$3
  shift 3
  ${wrapper:+"$wrapper"} cmake -S "$root" -B "$directory" -DCMAKE_BUILD_TYPE=Release "$option" &&
    cmake --build "$directory" --parallel "$jobs" --target "$@"
}

# A program alone needs no Catch2; a folder that has the tests keeps them.
testing_option() { # DIRECTORY
  if [ -d "$1/tests" ]; then echo -DBUILD_TESTING=ON; else echo -DBUILD_TESTING=OFF; fi
}

build_program() {
  quietly 'Building the native program (build/native/palimpsest)' build-native \
    configure_and_build build/native '' "$(testing_option build/native)" palimpsest
}

build_engine() {
  quietly 'Building the WebAssembly engine (dist/engine.js)' build-wasm \
    configure_and_build build/wasm emcmake "$(testing_option build/wasm)" engine_js
}

build_native_tests() {
  quietly 'Building the native program and tests (build/native)' build-native \
    configure_and_build build/native '' -DBUILD_TESTING=ON palimpsest palimpsest_tests
}

# With Catch2 3 a distribution's package is no use to WebAssembly: its tests may be left out there.
build_wasm_tests() {
  quietly 'Building the WebAssembly engine and tests (dist/engine.js, build/wasm)' build-wasm \
    configure_and_build build/wasm emcmake -DBUILD_TESTING=ON engine_js || return
  ! has_wasm_tests || quietly '  … its tests' build-wasm-tests \
    cmake --build build/wasm --parallel "$jobs" --target palimpsest_tests
}

has_wasm_tests() { cmake --build build/wasm --target help | grep palimpsest_tests >/dev/null; }

# Natively read from build/data, by the page from dist.
build_pack() {
  quietly "Making the page's digits (build/data/digits.pack, dist/digits.pack)" build-pack \
    tools/pack --data build/data/mnist --out build/data &&
    say "  $(tail -n 1 "$logs/build-pack.log")" && mkdir -p dist &&
    cp build/data/digits.pack build/data/digits.pack.LICENSE.txt dist
}

build_page() {
  quietly 'Building the page (dist/index.html, dist/palimpsest.html)' build-page node web/build.mjs
}
