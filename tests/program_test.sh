#!/bin/sh
# The native program: what it answers, what it writes, and how it fails.
#   program_test.sh PATH_TO_PALIMPSEST
program=$(realpath "$1") || exit 1
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
cd "$folder" || exit 1
failed=0 passed=0

# check NAME COMMAND…: the command must succeed.
check() {
  name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED: $name"
    sed 's/^/  stderr: /' err 2>/dev/null | head -3
  fi
}

# run ARGUMENTS…: leaves the exit status in $status, and the files out and err.
run() {
  "$program" "$@" >out 2>err
  status=$?
}

same() { [ "$1" = "$2" ]; }
empty() { [ ! -s "$1" ]; }
lines() { wc -l <"$1" | tr -d ' '; }

answered() { [ "$status" = 0 ] && [ -s out ] && empty err; }
# Exit status 2, one line on standard error, nothing on standard output.
refused() {
  [ "$status" = 2 ] && empty out && same "$(lines err)" 1 && same "$(head -c 12 err)" "palimpsest: "
}
says() { [ "$(cat err)" = "palimpsest: $1" ]; }

cat >good.json <<'END'
{"version": 1, "tasks": {"kind": "sines", "points": 8, "test_points": 8},
 "network": {"hidden": [4]}, "training": {"steps_per_task": 20},
 "methods": [{"kind": "finetune"}, {"kind": "ewc"}]}
END
sed 's/"ewc"/"ewc", "lambda": -1, "fisher": 3/' good.json >bad.json
echo '{"version": 1,,}' >syntax.json
echo '{"gradient": [1, -1], "constraints": [[0, 1]]}' >problem.json

run run good.json
check "run answers" answered
check "run gives a digest" grep -q '"digest":"[0-9a-f]\{16\}"' out
cp out first
"$program" run - <good.json >out 2>err
status=$?
check "run - reads standard input" answered
check "the same document gives the same bytes" cmp -s first out
"$program" run <good.json >out 2>err
check "run without a file reads standard input" cmp -s first out
run run good.json -o result.json
check "-o prints nothing" empty out
check "-o writes the whole answer" cmp -s first result.json
echo old >result.json
run run good.json --output result.json
check "-o replaces what was there" cmp -s first result.json
check "-o leaves no other file behind" same "$(ls result.json*)" result.json

run check good.json
check "check says valid" same "$(cat out)" valid
check "check of a valid document exits with 0" answered
run check bad.json
check "check refuses" refused
check "check names every fault" says \
  "methods[1].lambda: must be a number from 0 to 1e+09, not -1; $(
    sed 's/.*; //' err)"
check "check names every fault, the second one too" grep -q '; methods\[1\].fisher: must be one of ' err

run catalogue
check "catalogue answers" answered
check "catalogue lists the methods" grep -q '"kind":"gem"' out
run project problem.json
check "project answers" answered
check "project projects" grep -q '"projected":\[1,0\],"multipliers":\[1\],"active":\[true\]' out

for command in run check; do
  run $command bad.json
  check "$command bad.json is refused" refused
  run $command syntax.json
  check "$command of what is no JSON is refused" refused
  check "$command names line and column" grep -q 'not JSON at line 1, column 15: ' err
done
run project good.json
check "project of an experiment is refused" refused
run run missing.json
check "a missing file is refused" refused
check "a missing file is named" says "missing.json: cannot be read"
mkdir folder
run run folder
check "a folder is refused" refused
printf '{"a\\nb": 1}' >newline.json
run check newline.json
check "a key with a line break still makes one line" refused
printf '{"version": 1, "a\\u0000b": 1, "": 2}' >nul.json
run check nul.json
check "a key with a NUL does not cut the message off" grep -q 'palimpsest: a b: unknown key.*; methods: ' err
check "an empty key has a name" grep -q '; "": unknown key' err
{ printf '{"version": 1'; seq 20000 | sed 's/.*/, "key&": 0/'; echo '}'; } >many.json
for command in run check project sweep; do
  run $command many.json
  check "$command with 20,000 faults is refused" refused
  check "$command names a hundred of them, and how many more there are" \
    grep -q '; and 199[0-9][0-9] more$' err
done
{ printf '{"'; head -c 1000000 /dev/zero | tr '\0' x; echo '": 1}'; } >endless.json
run check endless.json
check "an endless key makes a short line" [ "$(wc -c <err)" -lt 5000 ]
echo '{"version": 1, "seed": 1, "seed": 2}' >twice.json
run check twice.json
check "a key that is there twice is refused" refused
check "and named" says 'seed: is there twice'
echo '[]' >list.json
run project list.json
check "a problem that is no object is refused" says 'the document: must be an object, not []'
: >nothing.json
run run nothing.json
check "an empty file is refused" refused

echo old >result.json
run run bad.json -o result.json
check "bad input with -o is refused" refused
check "bad input leaves the old file as it was" same "$(cat result.json)" old
check "bad input leaves no other file behind" same "$(ls result.json*)" result.json
run run good.json -o missing/result.json
check "a file in a folder that is not there is refused" refused
run run good.json -o folder
check "a folder as the output is refused" refused
check "and nothing is left behind" same "$(ls)" "$(ls | grep -v partial)"
run
check "no command is refused" refused
run walk good.json
check "an unknown command is refused" refused
check "and named" grep -q '^palimpsest: the command: must be one of run, .*, not "walk"$' err
run run good.json --speed 3
check "an unknown option is refused" refused
run --help
check "--help answers" answered

if [ -c /dev/full ]; then
  "$program" run good.json >/dev/full 2>err
  status=$?
  : >out
  check "standard output that cannot be written is a failure" refused
fi
ln -s result.json link.json
run run good.json -o link.json
check "-o through a link writes the file behind it" cmp -s first result.json
check "-o leaves a link a link" test -L link.json
mkdir behind
ln -s behind/new.json ahead.json
run run good.json -o ahead.json
check "-o through a link to nothing yet writes what it leads to" cmp -s first behind/new.json
check "and leaves the link" test -L ahead.json
ln -s circle.json circle.json
run run good.json -o circle.json
check "a link to itself is refused" refused
echo mine >result.json.partial
chmod 600 result.json
run run good.json -o result.json
check "-o keeps the mode of what was there" same "$(ls -l result.json | cut -c1-10)" -rw-------
check "-o leaves a file of another name alone" same "$(cat result.json.partial)" mine
rm result.json.partial
mkfifo pipe
cat pipe >piped &
run run good.json -o pipe
check "-o leaves a pipe a pipe" test -p pipe
[ -p pipe ] || : >pipe
kill $! 2>/dev/null
wait
if [ -e /dev/stdout ]; then
  "$program" run good.json -o /dev/stdout 2>err | cat >piped
  check "-o /dev/stdout writes into a pipe" cmp -s first piped
  "$program" run good.json -o /dev/fd/3 3>&1 2>err | cat >piped
  check "-o writes into another command" cmp -s first piped
fi

# Far more steps than a test may take: what cannot be written must be said before them.
sed 's/"steps_per_task": 20/"steps_per_task": 10000000/' good.json >long.json
timeout 20 "$program" run long.json -o missing/result.json >out 2>err
status=$?
check "an output that cannot be written is refused before the training" refused

# A Fisher matrix of 0.9 GB, begun in a thread.
if (ulimit -v 500000) 2>/dev/null; then
  sed 's/"points": 8/"points": 20000/; s/\[4\]/[4096]/; s/"ewc"/"ewc", "structure": "full"/
       s/"steps_per_task": 20/"steps_per_task": 1/' good.json >large.json
  (ulimit -v 500000 && exec "$program" run large.json) >out 2>err
  status=$?
  check "too little memory is refused" refused
  check "and said" says "there is not enough memory"
fi

cat >digits.json <<'END'
{"version": 1, "tasks": {"kind": "split_digits", "data": "mnist", "points": 0},
 "network": {"hidden": [4]}, "training": {"steps_per_task": 5}, "methods": [{"kind": "finetune"}]}
END
# idx FILE MAGIC COUNT BYTES: a file of images (magic 3) or labels (1), all zero.
idx() {
  shape=
  if [ "$2" = 3 ]; then shape='\000\000\000\034\000\000\000\034'; fi
  { printf "\\000\\000\\010\\00$2\\000\\000\\000\\00$3$shape" && head -c "$4" /dev/zero; } >"$1"
}
mkdir -p data/mnist
for part in train t10k; do
  idx data/mnist/$part-images-idx3-ubyte 3 2 1568
  idx data/mnist/$part-labels-idx1-ubyte 1 2 2
done
run run digits.json
check "digits without --data are refused" refused
check "and what is lacking is named" \
  grep -q 'tasks.data: must be a data set that was given, not "mnist"; .*--data' err
run check --data missing digits.json
check "a folder without the files is refused" refused
check "and the file is named" grep -q 'missing/mnist/.*: cannot be read; tools/data brings' err
run check --data data digits.json
check "a data set without all classes is refused" refused
idx data/mnist/t10k-labels-idx1-ubyte 1 2 1
run check --data data digits.json
check "a truncated file is refused" says \
  'data/mnist/t10k-labels-idx1-ubyte: has 9 bytes; with 2 labels it must have 10'
idx data/mnist/t10k-labels-idx1-ubyte 1 3 3
run check --data data digits.json
check "more labels than images are refused" says \
  'data/mnist/t10k-labels-idx1-ubyte: has 3 labels; data/mnist/t10k-images-idx3-ubyte has 2 images'
idx data/mnist/t10k-labels-idx1-ubyte 3 1 784
run run --data data digits.json
check "images in place of labels are refused" says "data/mnist/t10k-labels-idx1-ubyte: begins with $(
  )0x00000803; an IDX file of labels begins with 0x00000801"
sed 's/"split_digits", "data": "mnist"/"permuted_digits"/' digits.json >packed.json
echo palimpsest >data/digits.pack
run sweep --data data packed.json
check "what is no pack is refused" says \
  'data/digits.pack: is no pack of images as tools/pack writes it'
run reproduce --list
check "reproduce lists the tables" grep -q '^gem-permutations: ' out
run reproduce tables
check "an unknown table is refused" refused
run reproduce gem-permutations
check "a table without its data is refused" refused
run reproduce gem-permutations --tasks 21 --data data
check "more tasks than the table has are refused" refused
idx data/mnist/t10k-labels-idx1-ubyte 1 2 2
run reproduce si-permutations --seeds 0 --data data
check "a table that is not run has its published figures" grep -q '0.969 | not run | open' out
cp good.json kept.jsonl
run reproduce si-permutations --seeds 0 --keep missing/kept.jsonl --data data
check "a file to keep that cannot be written is refused" refused
run reproduce si-permutations --seeds 0 --keep new.jsonl --data data
check "a file to keep is tried, and not left behind" test ! -e new.jsonl
run reproduce si-permutations --seeds 0 --keep kept.jsonl --data data
check "a file that holds something else than what reproduce keeps is refused" refused
check "and left as it is" cmp -s good.json kept.jsonl

for jobs in 1 2 5; do
  run run --jobs $jobs good.json
  check "the result does not depend on --jobs $jobs" cmp -s first out
done

echo "program: $passed passed, $failed failed"
[ "$failed" = 0 ]
