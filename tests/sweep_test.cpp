// Sweeps: which runs a document stands for, and (natively) their rows in a file.
#include "sweep.hpp"

#include <set>

#include "support.hpp"

#ifndef __EMSCRIPTEN__
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "sweep_run.hpp"
#endif

using namespace support;

namespace {

Sweep sweep_of(const Value& document) {
  Faults faults;
  auto sweep = read_sweep(document, faults);
  INFO(write_json(document));
  REQUIRE(faults == Faults{});
  REQUIRE(sweep);
  return *sweep;
}

Faults faults_of_sweep(const Value& document) {
  Faults faults;
  const auto sweep = read_sweep(document, faults);
  CHECK(sweep.has_value() == faults.empty());
  return faults;
}

Value document() {
  return json(
      "{'version': 1, 'tasks': {'kind': 'sines', 'from': -2, 'to': 2, 'points': 8, 'test_points': "
      "8},"
      " 'network': {'hidden': [4, 4]}, 'training': {'steps_per_task': 20},"
      " 'methods': [{'kind': 'finetune'}, {'kind': 'ewc', 'lambda': 10}], 'record': {'every': "
      "10}}");
}

// Two learning rates, three strengths and two seeds.
Value twelve() {
  Value swept = with(document(), "methods[1].lambda", "[1, 10, 100]");
  swept = with(swept, "training.optimizer", "{'kind': 'adam', 'learning_rate': [0.001, 0.01]}");
  return with(swept, "seeds", 2);
}

std::vector<std::string> paths(const Sweep& sweep) {
  std::vector<std::string> all;
  for (const Axis& axis : sweep.axes()) all.push_back(axis.path);
  return all;
}

}  // namespace

TEST_CASE("sweep: a document without lists is one run, itself") {
  const Sweep sweep = sweep_of(with(document(), "seed", 7));
  CHECK(sweep.runs() == 1);
  CHECK(paths(sweep) == std::vector<std::string>{"seed"});
  CHECK(same(sweep.document(0), with(document(), "seed", 7)));
}

TEST_CASE("sweep: every combination once, the first list slowest and the seed fastest") {
  const Sweep sweep = sweep_of(twelve());
  REQUIRE(sweep.runs() == 12);
  CHECK(paths(sweep) ==
        std::vector<std::string>{"training.optimizer.learning_rate", "methods[1].lambda", "seed"});
  std::set<std::string> all;
  for (std::size_t run = 0; run < 12; ++run) {
    const Value one = sweep.document(run);
    CHECK(faults_of(one) == Faults{});
    CHECK(one.find("seeds") == nullptr);
    all.insert(write_json(one));
  }
  CHECK(all.size() == 12);
  CHECK(number_at(sweep.document(0), "seed") == 1);
  CHECK(number_at(sweep.document(1), "seed") == 2);
  CHECK(number_at(sweep.document(2), "methods[1].lambda") == 10);
  CHECK(number_at(sweep.document(5), "training.optimizer.learning_rate") == 0.001);
  CHECK(number_at(sweep.document(6), "training.optimizer.learning_rate") == 0.01);
  CHECK(number_at(sweep.document(11), "methods[1].lambda") == 100);
}

TEST_CASE("sweep: seeds are counted from the seed, or listed") {
  const Sweep counted = sweep_of(with(with(document(), "seed", 5), "seeds", 3));
  REQUIRE(counted.runs() == 3);
  CHECK(number_at(counted.document(0), "seed") == 5);
  CHECK(number_at(counted.document(2), "seed") == 7);
  const Sweep listed =
      sweep_of(with(with(document(), "seed", "[3, 9]"), "methods[1].lambda", "[1, 2]"));
  CHECK(paths(listed) == std::vector<std::string>{"methods[1].lambda", "seed"});
  CHECK(number_at(listed.document(3), "seed") == 9);
}

TEST_CASE("sweep: lists that are values of their own are not swept") {
  CHECK(sweep_of(with(document(), "network.hidden", "[8, 16]")).runs() == 1);
  CHECK(sweep_of(with(document(), "network.hidden", "[]")).runs() == 1);
  CHECK(sweep_of(with(document(), "network.parameters", "[1, 2, 3]")).runs() == 1);
  const Sweep hidden = sweep_of(with(document(), "network.hidden", "[[8, 16], [4], []]"));
  REQUIRE(hidden.runs() == 3);
  CHECK(same(at(hidden.document(0), "network.hidden"), json("[8, 16]")));
  CHECK(same(at(hidden.document(2), "network.hidden"), json("[]")));
  for (std::size_t run = 0; run < 3; ++run) CHECK(faults_of(hidden.document(run)) == Faults{});
  CHECK(sweep_of(small_classification()).runs() == 1);
  CHECK(sweep_of(document()).runs() == 1);  // a generator's own from and to are no range
}

TEST_CASE("sweep: choices and switches may be listed too, in places inside lists") {
  const Sweep sweep =
      sweep_of(with(with(document(), "methods[1].fisher", "['exact', 'batch']"),
                    "training.optimizer", "{'kind': 'adam', 'reset_each_task': [true, false]}"));
  REQUIRE(sweep.runs() == 4);
  CHECK(string_at(sweep.document(1), "methods[1].fisher") == "batch");
  for (std::size_t run = 0; run < 4; ++run) CHECK(faults_of(sweep.document(run)) == Faults{});
  const Sweep altered =
      sweep_of(with(document(), "alterations",
                    "[{'step': [5, 9], 'learner': 1, 'key': 'lambda', 'value': [1, 2]}]"));
  CHECK(paths(altered) ==
        std::vector<std::string>{"alterations[0].step", "alterations[0].value", "seed"});
}

TEST_CASE("sweep: ranges have exact ends and plain decimals between") {
  CHECK(range_values(1, 1000, 4, Scale::log) == Numbers{1, 10, 100, 1000});
  CHECK(range_values(1000, 1, 4, Scale::log) == Numbers{1000, 100, 10, 1});
  CHECK(range_values(0.0001, 1, 5, Scale::log) == Numbers{0.0001, 0.001, 0.01, 0.1, 1});
  CHECK(range_values(8, 128, 5, Scale::log) == Numbers{8, 16, 32, 64, 128});
  CHECK(range_values(0, 1, 11, Scale::linear) ==
        Numbers{0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1});
  CHECK(range_values(-0.3, 0.3, 3, Scale::linear) == Numbers{-0.3, 0, 0.3});
  CHECK(range_values(1.0 / 3, 2, 2, Scale::linear) == Numbers{1.0 / 3, 2});
  const Sweep sweep = sweep_of(with(document(), "methods[1].lambda",
                                    "{'from': 1, 'to': 1000, 'steps': 13, 'scale': 'log'}"));
  REQUIRE(sweep.runs() == 13);
  CHECK(number_at(sweep.document(12), "methods[1].lambda") == 1000);
  CHECK(number_at(sweep.document(4), "methods[1].lambda") == 10);
  CHECK(number_at(sweep.document(1), "methods[1].lambda") == 1.77827941004);
}

TEST_CASE("sweep: faults") {
  const auto only = [](const std::string& path, const char* value, const std::string& fault) {
    const Faults faults = faults_of_sweep(with(document(), path, value));
    REQUIRE(faults.size() == 1);
    CHECK(faults[0] == fault);
  };
  const std::string lambda = "methods[1].lambda";
  only(lambda, "[]", lambda + ": must be a value, or a list of at least one, not []");
  only(lambda, "{'from': 1, 'to': 9}", lambda + ": lacks `steps`; a range has from, to and steps");
  only(lambda, "{'from': 1, 'to': 9, 'steps': 1}",
       lambda + ".steps: must be an integer from 2 to 1000000, not 1");
  only(lambda, "{'from': 0, 'to': 9, 'steps': 3, 'scale': 'log'}",
       lambda + ".from: must be above 0 on a log scale, not 0");
  only(lambda, "{'from': 1, 'to': 9, 'steps': 3, 'by': 2}",
       lambda + ".by: unknown key; known here: from, to, steps, scale");
  only("seeds", "0", "seeds: must be an integer from 1 to 1000000, not 0");
  only("seeds", "[1, 2]", "seeds: must be an integer from 1 to 1000000, not [1, 2]");
  CHECK(faults_of_sweep(with(with(document(), "seed", "[1, 2]"), "seeds", 3)) ==
        Faults{"seed: must be a number beside seeds, the first of them, not [1, 2]"});
  CHECK(faults_of_sweep(json("[1]")) == Faults{"the document: must be an object, not [1]"});
  CHECK(faults_of_sweep(with(with(document(), "seeds", 1000000), lambda, "[1, 2]")) ==
        Faults{"the document: makes 2000000 runs; there may be at most 1000000"});
}

TEST_CASE("sweep: other documents have other fingerprints") {
  std::set<std::string> prints;
  for (const Value& one :
       {document(), twelve(), with(document(), "seed", 1), with(document(), "seed", 2),
        with(document(), "methods[1].lambda", "[1]"),
        with(document(), "methods[1].lambda", "'10'")})
    prints.insert(sweep_of(one).fingerprint());
  CHECK(prints.size() == 6);
  CHECK(sweep_of(twelve()).fingerprint() == sweep_of(twelve()).fingerprint());
}

TEST_CASE("sweep: a row says what was swept and where every learner ended") {
  const Sweep sweep = sweep_of(twelve());
  const Value result = run(sweep.document(7));
  const SweepTable table(sweep, at(result, "experiment"), false, 3);
  const std::vector<Value> row = table.row(7, result);
  REQUIRE(row.size() == table.columns().size());
  Object named;
  for (std::size_t i = 0; i < row.size(); ++i) named.emplace_back(table.columns()[i], row[i]);
  const Value all = named;
  const auto cell = [&](const char* column) -> const Value& {
    INFO(column);
    REQUIRE(all.find(column));
    return *all.find(column);
  };
  CHECK(same(cell("sweep"), sweep.fingerprint()));
  CHECK(same(cell("run"), 8));
  CHECK(same(cell("methods[1].lambda"), at(sweep.document(7), "methods[1].lambda")));
  CHECK(same(cell("seed"), 2));
  CHECK(same(cell("0.finetune.status"), "finished"));
  CHECK(same(cell("1.ewc.average_loss"), at(result, "learners[1].metrics.average_loss")));
  CHECK(same(cell("1.ewc.forgetting"), at(result, "learners[1].metrics.forgetting")));
  const Numbers end = numbers_at(result, "learners[1].matrix.loss.after[1]");
  CHECK(same(cell("1.ewc.loss[0]"), end[0]));
  CHECK(same(cell("1.ewc.loss[1]"), end[1]));
  CHECK(cell("1.ewc.loss[2]").is_null());  // another run has three tasks
  CHECK(same(cell("1.ewc.digest"), digest_of(result, 1)));
}

TEST_CASE("sweep: rows of classification have accuracies, and of what diverged nothing") {
  Value swept = with(small_classification(), "methods", "[{'kind': 'finetune'}]");
  const Sweep sweep = sweep_of(swept);
  const Value result = run(sweep.document(0));
  const SweepTable table(sweep, at(result, "experiment"), true, 3);
  const auto& columns = table.columns();
  const auto place = [&](const std::string& column) {
    const auto found = std::find(columns.begin(), columns.end(), column);
    REQUIRE(found != columns.end());
    return static_cast<std::size_t>(found - columns.begin());
  };
  const auto row = table.row(0, result);
  CHECK(same(row[place("0.finetune.accuracy[2]")],
             numbers_at(result, "learners[0].matrix.accuracy.after[2]")[2]));
  CHECK(same(row[place("0.finetune.average_accuracy")],
             at(result, "learners[0].metrics.average_accuracy")));
  swept = with(swept, "training.optimizer", "{'kind': 'sgd', 'learning_rate': 10}");
  swept = with(swept, "training.l2", 1000);
  const Sweep wild = sweep_of(swept);
  const Value lost = run(wild.document(0));
  const auto empty = SweepTable(wild, at(lost, "experiment"), true, 3).row(0, lost);
  CHECK(same(empty[place("0.finetune.status")], "diverged"));
  CHECK(empty[place("0.finetune.loss[0]")].is_null());
  CHECK(empty[place("0.finetune.average_accuracy")].is_null());
}

#ifndef __EMSCRIPTEN__
namespace {

// A folder of its own, gone at the end.
struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "palimpsest-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()));
    path = name;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string operator/(const std::string& name) const { return (path / name).string(); }
};

std::string swept(const Value& document, const std::string& file, std::size_t jobs = 1,
                  const std::string& shard = "") {
  run_sweep(document, {file, "", shard, jobs});
  return read_file(file);
}

std::string error_of(const Value& document, const SweepOptions& options) {
  try {
    run_sweep(document, options);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

void write(const std::string& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    REQUIRE(end != std::string::npos);
    all.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return all;
}

}  // namespace

TEST_CASE("sweep: a row a run, in order, whatever the number of threads") {
  const Folder folder;
  const std::string rows = swept(twelve(), folder / "one.jsonl");
  CHECK(lines(rows).size() == 12);
  for (std::size_t jobs : {2, 5, 40})
    CHECK(swept(twelve(), folder / (std::to_string(jobs) + ".jsonl"), jobs) == rows);
  Faults faults;
  for (std::size_t run = 0; run < 12; ++run) {
    const Value row = parse_json(lines(rows)[run], faults);
    CHECK(same(*row.find("run"), run + 1));
    CHECK(same(*row.find("1.ewc.digest"),
               digest_of(support::run(sweep_of(twelve()).document(run)), 1)));
  }
}

TEST_CASE("sweep: an interrupted file is gone on with, wherever it was cut") {
  const Folder folder;
  for (const char* name : {"rows.csv", "rows.jsonl"}) {
    const std::string file = folder / name, whole = swept(twelve(), file);
    CHECK(swept(twelve(), file) == whole);  // nothing left to do
    for (std::size_t size = 0; size < whole.size(); size += 1 + whole.size() / 23) {
      write(file, whole.substr(0, size));
      CHECK(swept(twelve(), file, 2) == whole);
    }
  }
  const std::string file = folder / "rows.csv", whole = read_file(file);
  const auto all = lines(whole);
  std::string without_third;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (i != 3) without_third += all[i] + "\n";
  write(file, without_third);
  CHECK(swept(twelve(), file) == without_third + all[3] + "\n");
}

TEST_CASE("sweep: shards share the runs out") {
  const Folder folder;
  std::multiset<std::string> rows;
  for (const char* shard : {"1/5", "2/5", "3/5", "4/5", "5/5"})
    for (const std::string& line :
         lines(swept(twelve(), folder / (std::string(1, shard[0]) + ".jsonl"), 1, shard)))
      rows.insert(line);
  const auto all = lines(swept(twelve(), folder / "all.jsonl"));
  CHECK(rows == std::multiset<std::string>(all.begin(), all.end()));
  for (const char* shard : {"0/5", "6/5", "1", "a/b", "1/2/3", "1/", "-1/2"})
    CHECK(error_of(twelve(), {folder / "x.jsonl", "", shard, 1}).substr(0, 9) == "--shard: ");
  CHECK_FALSE(std::filesystem::exists(folder / "x.jsonl"));
}

TEST_CASE("sweep: another sweep's file, or anything else, is left as it is") {
  const Folder folder;
  const std::string file = folder / "rows.csv", rows = swept(twelve(), file);
  const std::string refusal = file + ": is not what this sweep writes; it was left as it is";
  CHECK(error_of(with(twelve(), "training.steps_per_task", 21), {file, "", "", 1}) == refusal);
  CHECK(error_of(with(twelve(), "seeds", 3), {file, "", "", 1}) == refusal);
  CHECK(error_of(twelve(), {file, "jsonl", "", 1}) == refusal);
  CHECK(read_file(file) == rows);
  for (const std::string& text : {std::string("my notes"), std::string("my notes\n"), rows + "x\n",
                                  rows + "x", rows.substr(0, rows.find('\n') + 1) + "\n"}) {
    write(file, text);
    CHECK(error_of(twelve(), {file, "", "", 1}) == refusal);
    CHECK(read_file(file) == text);
  }
  CHECK(error_of(twelve(), {folder / "no/rows.csv", "", "", 1}) ==
        folder / "no/rows.csv: cannot be written");
}

TEST_CASE("sweep: every combination is checked before anything runs, each fault named once") {
  const Folder folder;
  const std::string file = folder / "rows.csv";
  Value bad = with(twelve(), "methods[1].lambda", "[1, -1, 100, -2]");
  bad = with(bad, "training.batch_size", "[4, 2.5]");
  const std::string error = error_of(bad, {file, "", "", 2});
  CHECK(error.find("methods[1].lambda: must be a number from 0 to 1e+09, not -1; ") !=
        std::string::npos);
  CHECK(error.find("methods[1].lambda: must be a number from 0 to 1e+09, not -2; ") !=
        std::string::npos);
  CHECK(error.find("not 2.5") == error.rfind("not 2.5"));
  CHECK(error.find('\n') == std::string::npos);
  const Value seeds = with(document(), "seed", "[1, -5, 2]");
  CHECK(error_of(seeds, {file, "", "", 1}).find("not -5") != std::string::npos);
  CHECK(error_of(with(twelve(), "seed", 1e300), {file, "", "", 1}).substr(0, 6) == "seed: ");
  CHECK_FALSE(std::filesystem::exists(file));
}

TEST_CASE("sweep: CSV quotes what needs it") {
  const Folder folder;
  const Value document = with(twelve(), "network.hidden", "[[4, 4], []]");
  const auto all = lines(swept(document, folder / "rows.csv"));
  REQUIRE(all.size() == 25);
  CHECK(all[0].substr(0, 65) ==
        "sweep,run,network.hidden,training.optimizer.learning_rate,methods");
  CHECK(all[1].find(",1,\"[4,4]\",0.001,1,1,finished,") == 16);
  CHECK(all[13].find(",13,[],0.001,1,1,finished,") == 16);
}
#endif
