// The native program: documents in, documents out.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <new>
#include <optional>
#include <stdexcept>
#include <thread>

#include "catalogue.hpp"
#include "data_files.hpp"
#include "experiment.hpp"
#include "json.hpp"
#include "lambda.hpp"
#include "parallel.hpp"
#include "project.hpp"
#include "reproduce.hpp"
#include "sweep_run.hpp"

namespace palimpsest {
namespace {

namespace fs = std::filesystem;

// Bad input: one line on standard error, exit status 2, nothing else written.
struct BadInput : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void require_no(const Faults& faults) {
  if (!faults.empty()) throw BadInput(joined(faults));
}

std::string read_text(const std::string& path) {
  if (path == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path)) throw BadInput(path + ": cannot be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

Value read_value(const std::string& path) {
  Faults faults;
  Value value = parse_json(read_text(path), faults);
  require_no(faults);
  return value;
}

std::unique_ptr<Document> read_experiment(const std::string& path, const std::string& data) {
  Faults faults;
  const Value value = read_value(path);
  auto document = read_document(value, load_image_sets(data, image_sets_of(value)), faults);
  require_no(faults);
  return document;
}

// Where an answer goes, tried before the work is done. A file is written whole or not at all:
// beside its place (behind links: beside what they lead to) under a name that nothing has, and then
// moved there, with the mode of what was there. A device or a pipe is written as it is.
class Answer {
 public:
  explicit Answer(const std::string& path) : path_(path), place_(path) {
    struct stat found {};
    const bool there = !path.empty() && stat(path.c_str(), &found) == 0;
    if (there && S_ISDIR(found.st_mode)) fail();
    file_ = !path.empty() && (!there || S_ISREG(found.st_mode));
    if (there && access(path.c_str(), W_OK) != 0) fail();
    if (!file_) return;
    if (there) mode_ = found.st_mode & 07777;
    follow_links();
    std::remove(beside().c_str());
  }

  void write(const std::string& text) const {
    if (path_.empty()) {
      if (!(std::cout << text << '\n' << std::flush))
        throw BadInput("the answer cannot be written");
      return;
    }
    const std::string place = file_ ? beside() : path_;
    std::ofstream stream(place, std::ios::binary);
    stream << text << '\n';
    stream.close();
    if (stream.good() && (!file_ || std::rename(place.c_str(), place_.c_str()) == 0)) return;
    if (file_) std::remove(place.c_str());
    fail();
  }

 private:
  void follow_links() {
    std::error_code error;
    for (int links = 0; fs::is_symlink(place_, error); ++links) {
      if (links == 40) fail();  // in a circle
      place_ = place_.parent_path() / fs::read_symlink(place_, error);
    }
  }

  // The name of a new file beside the place, empty and with the right mode.
  std::string beside() const {
    for (int attempt = 0; attempt < 100; ++attempt) {
      const std::string name = place_.string() + "." + std::to_string(getpid()) + "-" +
                               std::to_string(attempt) + ".partial";
      const int file = open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (file < 0 && errno == EEXIST) continue;
      if (file < 0) break;
      const bool right = !mode_ || fchmod(file, *mode_) == 0;
      close(file);
      if (right) return name;
      std::remove(name.c_str());
      break;
    }
    fail();
  }

  [[noreturn]] void fail() const { throw BadInput(path_ + ": cannot be written"); }

  std::string path_;
  fs::path place_;              // of the file itself
  std::optional<mode_t> mode_;  // of the file that is there
  bool file_ = false;
};

void write_text(const std::string& text, const std::string& path) { Answer(path).write(text); }

// On standard error, and only where that is a terminal.
class ProgressBar {
 public:
  explicit ProgressBar(std::size_t total) : total_(total), shown_(isatty(STDERR_FILENO) != 0) {}
  ~ProgressBar() {
    if (shown_) std::cerr << "\r\033[K" << std::flush;
  }
  void show(std::size_t done) const {
    constexpr std::size_t kWidth = 40;
    if (!shown_) return;
    const std::size_t filled = kWidth * done / total_;
    std::cerr << "\r[" << std::string(filled, '#') << std::string(kWidth - filled, '.') << "] "
              << 100 * done / total_ << " %" << std::flush;
  }

 private:
  std::size_t total_;
  bool shown_;
};

// Every learner to its end, each on one of `jobs` threads: a learner's result depends on itself
// alone.
void train(Experiment& experiment, std::size_t steps, std::size_t jobs) {
  const std::size_t learners = experiment.learners();
  std::atomic<std::size_t> percents{0};
  const ProgressBar progress(100 * learners);
  Pool pool(jobs, learners, [&](std::size_t i) {
    for (std::size_t percent = 1; percent <= 100; ++percent) {
      experiment.train_learner(i, steps * percent / 100);
      ++percents;
    }
  });
  while (percents < 100 * learners && !pool.failed()) {
    progress.show(percents);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  pool.finish();
  experiment.step(steps);
}

void run(const std::string& path, const std::string& data, const std::string& output,
         std::size_t jobs) {
  auto document = read_experiment(path, data);
  const Answer answer(output);
  const std::size_t steps = document->ends.back();
  Experiment experiment(std::move(document));
  train(experiment, steps, jobs);
  answer.write(write_json(experiment.result()));
}

void project(const std::string& path, const std::string& output) {
  Faults faults;
  const Value answer = project_document(read_value(path), faults);
  require_no(faults);
  write_text(write_json(answer), output);
}

// The question's options as they are described; the answer once all are read.
void add_lambda(CLI::App* command, Object& question, const std::string& output) {
  for (const Parameter& parameter : lambda_parameters()) {
    std::string name = "--" + std::string(parameter.key);
    std::replace(name.begin(), name.end(), '_', '-');
    if (parameter.key == "value") name = "VALUE";
    const auto set = [&question, &parameter](const auto& given) {
      question.emplace_back(parameter.key, given);
    };
    const bool number = parameter.type == Type::number || parameter.type == Type::integer;
    const std::string help(parameter.help);
    auto* option = number ? command->add_option_function<double>(name, set, help)
                          : command->add_option_function<std::string>(name, set, help);
    if (name == "VALUE") option->required();
  }
  command->callback([&question, &output] {
    Faults faults;
    const Value answer = convert_lambda(question, faults);
    require_no(faults);
    write_text(write_json(answer), output);
  });
}

// One line, whatever a key or a name holds.
int refuse(std::string reason) {
  std::replace_if(
      reason.begin(), reason.end(), [](unsigned char c) { return c < 0x20; }, ' ');
  std::cerr << "palimpsest: " << reason << '\n';
  return 2;
}

std::vector<std::string> commands(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

int main(int argc, char** argv) {
  CLI::App app{"Palimpsest: what a network forgets, and what helps. Documents in, documents out."};
  app.require_subcommand(1);
  std::string input = "-", output, data;
  const auto add = [&](const std::string& name, const std::string& help, bool reads) {
    CLI::App* command = app.add_subcommand(name, help);
    if (reads) command->add_option("FILE", input, "a JSON document; - is standard input");
    command->add_option("-o,--output", output, "a file for the answer, not standard output");
    return command;
  };
  const auto takes_data = [&](CLI::App* command) {
    command->add_option("--data", data,
                        "the folder with the data sets; tools/data makes build/data");
    return command;
  };
  std::size_t jobs = std::max(std::thread::hardware_concurrency(), 1u);
  CLI::App* runs = takes_data(add("run", "runs an experiment", true));
  runs->add_option("-j,--jobs", jobs, "how many threads train; the result does not depend on it")
      ->check(CLI::Range(1, 1024));
  runs->callback([&] { run(input, data, output, jobs); });
  SweepOptions sweep;
  CLI::App* sweeps =
      takes_data(add("sweep", "runs every combination of a document’s lists and ranges", true));
  sweeps->add_option("-j,--jobs", jobs, "how many runs at a time; the rows do not depend on it")
      ->check(CLI::Range(1, 1024));
  sweeps->add_option("--format", sweep.format, "csv or jsonl; else by the output’s ending")
      ->check(CLI::IsMember({"csv", "jsonl"}));
  sweeps->add_option("--shard", sweep.shard, "i/n: every n-th run, beginning with the i-th");
  sweeps->callback([&] {
    sweep.output = output;
    sweep.jobs = jobs;
    const Value document = read_value(input);
    const ImageSets sets = load_image_sets(data, image_sets_of(document));
    sweep.sets = &sets;
    run_sweep(document, sweep);
  });
  ReproduceOptions table;
  bool list = false;
  int status = 0;
  CLI::App* reproduces = takes_data(add("reproduce", "runs a published table again", false));
  reproduces->add_option("NAME", table.name, "which one");
  reproduces->add_flag("--list", list, "says which there are");
  reproduces
      ->add_option("--seeds", table.seeds,
                   "how many, from 1 on; else as the table says; 0: those kept, and none is run")
      ->check(CLI::Range(0, 1000));
  reproduces->add_option("--keep", table.keep,
                         "a file for what comes of every run; those that it has are not repeated");
  reproduces
      ->add_option("--tasks", table.tasks, "the first few only: a short form, without verdicts")
      ->check(CLI::Range(2, 50));
  reproduces->add_option("-j,--jobs", jobs, "how many learners at a time; the table is the same")
      ->check(CLI::Range(1, 1024));
  reproduces->callback([&] {
    if (list) return write_text(list_reproductions(), output);
    table.jobs = jobs;
    const ImageSets sets = load_image_sets(data, image_sets_of_reproduction(table.name));
    const Answer answer(output);
    const Reproduced reproduced = reproduce(table, sets);
    answer.write(reproduced.table);
    status = reproduced.as_expected ? 0 : 1;
  });
  add("project", "solves GEM’s quadratic program", true)->callback([&] { project(input, output); });
  Object question;
  add_lambda(add("lambda", "says what a λ of another code base is here, and back", false), question,
             output);
  takes_data(
      add("check",
          "says whether an experiment is valid, or its faults: the first hundred, and how many more",
          true))
      ->callback([&] {
        read_experiment(input, data);
        write_text("valid", output);
      });
  add("catalogue", "lists methods, tasks, activations, optimizers and their parameters", false)
      ->callback([&] { write_text(write_json(catalogue()), output); });
  const std::vector<std::string> known = commands(app);
  if (argc > 1 && argv[1][0] != '-' &&
      std::find(known.begin(), known.end(), argv[1]) == known.end())
    return refuse(must_be("the command", "one of " + listed(known), argv[1]));
  try {
    app.parse(argc, argv);
    return status;
  } catch (const std::bad_alloc&) {
    return refuse("there is not enough memory");
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help
    return refuse(error.what());
  } catch (const std::exception& error) {
    return refuse(error.what());
  }
}

}  // namespace
}  // namespace palimpsest

int main(int argc, char** argv) { return palimpsest::main(argc, argv); }
