#include "sweep_run.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>

#include "experiment.hpp"
#include "json.hpp"
#include "parallel.hpp"

namespace palimpsest {
namespace {

using Error = std::runtime_error;

// What the rows' columns depend on.
struct Shape {
  Value resolved;
  bool accuracy = false;
  std::size_t tasks = 0;  // the most of any run
};

// Reads every combination's document; each fault is named once, where it comes first. A seed has no
// part in a fault but its own range, so of a count of seeds the first and the last stand for all.
Shape check(const Sweep& sweep, const ImageSets& sets, std::size_t jobs) {
  const Axis& last = sweep.axes().back();
  const std::size_t seeds = last.counted ? last.values.size() : 1;
  const std::size_t ends = seeds > 1 ? 2 : 1;
  std::mutex mutex;
  using Place = std::pair<std::size_t, std::size_t>;  // the document, and the fault's turn there
  std::map<std::string, Place> first;                 // by fault: where it comes first
  Shape shape;
  Pool pool(jobs, sweep.runs() / seeds * ends, [&](std::size_t i) {
    const std::size_t run = i / ends * seeds + (i % ends) * (seeds - 1);
    Faults faults;
    const auto document = read_document(sweep.document(run), sets, faults);
    const std::lock_guard lock(mutex);
    for (std::size_t f = 0; f < faults.size(); ++f) {
      const auto [at, added] = first.try_emplace(faults[f], i, f);
      if (!added) at->second = std::min(at->second, Place(i, f));
    }
    if (!document) return;
    if (i == 0) shape.resolved = document->resolved;
    shape.accuracy = document->tasks.loss == Loss::cross_entropy;
    shape.tasks = std::max(shape.tasks, document->tasks.tasks.size());
  });
  pool.finish();
  if (first.empty()) return shape;
  std::vector<std::string> faults;
  for (const auto& entry : first) faults.push_back(entry.first);
  std::stable_sort(faults.begin(), faults.end(), [&](const std::string& a, const std::string& b) {
    return first.at(a) < first.at(b);
  });
  throw Error(joined(faults));
}

// RFC 4180, with numbers as JSON writes them and nothing where there is no value.
std::string csv_cell(const Value& value) {
  if (const double* number = value.as<double>())
    return std::isfinite(*number) ? describe(*number) : "";
  if (value.is_null()) return "";
  const std::string* given = value.as<std::string>();
  const std::string text = given ? *given : write_json(value);
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string csv_line(const std::vector<Value>& cells) {
  std::string line;
  for (const Value& cell : cells) line.append(csv_cell(cell)).append(",");
  line.back() = '\n';
  return line;
}

// How rows are written, and found again.
class Format {
 public:
  Format(const SweepOptions& options, const Sweep& sweep, const SweepTable& table)
      : csv_(is_csv(options)), sweep_(sweep), table_(table) {}

  std::string header() const {
    if (!csv_) return "";
    return csv_line({table_.columns().begin(), table_.columns().end()});
  }

  std::string line(const std::vector<Value>& row) const {
    if (csv_) return csv_line(row);
    Object object;
    for (std::size_t i = 0; i < row.size(); ++i) object.emplace_back(table_.columns()[i], row[i]);
    return write_json(object) + "\n";
  }

  // Which run (from 0) a whole line is about; nullopt where it is no row of this sweep.
  std::optional<std::size_t> run_of(std::string_view line) const {
    const std::string start = row_start();
    std::size_t run = 0;
    if (!line.starts_with(start)) return std::nullopt;
    const char* end = line.data() + line.size();
    const auto [after, error] = std::from_chars(line.data() + start.size(), end, run);
    if (error != std::errc() || after == end || *after != ',') return std::nullopt;
    if (run < 1 || run > sweep_.runs()) return std::nullopt;
    return run - 1;
  }

  // What every row begins with, up to its run.
  std::string row_start() const {
    return csv_ ? sweep_.fingerprint() + ","
                : "{\"sweep\":\"" + sweep_.fingerprint() + "\",\"run\":";
  }

 private:
  static bool is_csv(const SweepOptions& options) {
    return options.format.empty() ? options.output.ends_with(".csv") : options.format == "csv";
  }

  bool csv_;
  const Sweep& sweep_;
  const SweepTable& table_;
};

bool agree(std::string_view a, std::string_view b) {
  const std::size_t common = std::min(a.size(), b.size());
  return a.substr(0, common) == b.substr(0, common);
}

// What an earlier call left in the output.
struct Earlier {
  std::vector<bool> done;  // by run
  std::size_t size = 0;    // up to the end of the last whole line
};

Earlier read_earlier(const std::string& text, const std::string& path, const Sweep& sweep,
                     const Format& format) {
  const auto refuse = [&] {
    throw Error(path + ": is not what this sweep writes; it was left as it is");
  };
  Earlier earlier;
  earlier.done.resize(sweep.runs());
  const std::string header = format.header();
  if (!agree(text, header)) refuse();
  if (text.size() < header.size()) return earlier;
  earlier.size = header.size();
  while (earlier.size < text.size()) {
    const std::size_t end = text.find('\n', earlier.size);
    const std::string_view line = std::string_view(text).substr(earlier.size, end - earlier.size);
    if (end == std::string::npos) {  // cut off in the middle
      if (!agree(line, format.row_start())) refuse();
      break;
    }
    const auto run = format.run_of(line);
    if (!run) refuse();
    earlier.done[*run] = true;
    earlier.size = end + 1;
  }
  return earlier;
}

// Where rows go. A regular file is locked against a second sweep, and keeps what it has.
class Output {
 public:
  explicit Output(const std::string& path) : path_(path) {
    if (path.empty()) return;
    struct stat facts {};
    file_ = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file_ < 0 || fstat(file_, &facts) != 0) throw Error(path + ": cannot be written");
    regular_ = S_ISREG(facts.st_mode);
    if (regular_ && flock(file_, LOCK_EX | LOCK_NB) != 0)
      throw Error(path + ": another sweep is writing it");
  }
  Output(const Output&) = delete;
  ~Output() {
    if (!path_.empty()) close(file_);
  }

  std::string text() const {
    if (!regular_) return "";
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  void keep(std::size_t size) {
    if (regular_ && ftruncate(file_, static_cast<off_t>(size)) != 0) fail();
  }

  void write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t written = ::write(file_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) fail();
      text.remove_prefix(static_cast<std::size_t>(written));
    }
  }

 private:
  [[noreturn]] void fail() const {
    throw Error((path_.empty() ? "the answer" : path_) + std::string(": cannot be written"));
  }

  std::string path_;
  int file_ = STDOUT_FILENO;
  bool regular_ = false;
};

// Hands out rows in the order of the runs, whenever they come in.
class Queue {
 public:
  void put(std::size_t index, std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.emplace(index, std::move(line));
    changed_.notify_one();
  }
  // The next row; nullopt where it has not come within a moment.
  std::optional<std::string> take() {
    std::unique_lock lock(mutex_);
    const auto here = [this] { return lines_.contains(next_); };
    if (!changed_.wait_for(lock, std::chrono::milliseconds(100), here)) return std::nullopt;
    return std::move(lines_.extract(next_++).mapped());
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::size_t, std::string> lines_;
  std::size_t next_ = 0;
};

Value train(const Sweep& sweep, const ImageSets& sets, std::size_t run,
            std::atomic<std::size_t>& percents) {
  Faults faults;
  auto document = read_document(sweep.document(run), sets, faults);
  if (!document) throw Error(joined(faults));
  const std::size_t steps = document->ends.back();
  Experiment experiment(std::move(document));
  for (std::size_t percent = 1; percent <= 100; ++percent) {
    experiment.step(steps * percent / 100 - experiment.done());
    ++percents;
  }
  return experiment.result();
}

void run_all(const Sweep& sweep, const ImageSets& sets, const SweepTable& table,
             const Format& format, const std::vector<std::size_t>& runs, std::size_t jobs,
             Output& output) {
  std::atomic<std::size_t> percents{0};
  Queue queue;
  const Progress progress(runs.size());
  Pool pool(jobs, runs.size(), [&](std::size_t i) {
    queue.put(i, format.line(table.row(runs[i], train(sweep, sets, runs[i], percents))));
  });
  for (std::size_t written = 0; written < runs.size() && !pool.failed();) {
    progress.show(written, percents);
    if (const auto line = queue.take()) {
      output.write(*line);
      ++written;
    }
  }
  pool.finish();
}

struct Shard {
  std::size_t index = 1, count = 1;
};

Shard read_shard(const std::string& text) {
  if (text.empty()) return {};
  Shard shard;
  const char* end = text.data() + text.size();
  const auto [slash, fault] = std::from_chars(text.data(), end, shard.index);
  if (fault == std::errc() && slash != end && *slash == '/') {
    const auto [rest, second] = std::from_chars(slash + 1, end, shard.count);
    if (second == std::errc() && rest == end && shard.index >= 1 && shard.index <= shard.count)
      return shard;
  }
  throw Error(must_be("--shard", "i/n with i from 1 to n", text));
}

}  // namespace

void run_sweep(const Value& document, const SweepOptions& options) {
  const Shard shard = read_shard(options.shard);
  Faults faults;
  const auto sweep = read_sweep(document, faults);
  if (!sweep) throw Error(joined(faults));
  const ImageSets none;
  const ImageSets& sets = options.sets ? *options.sets : none;
  const Shape shape = check(*sweep, sets, options.jobs);
  const SweepTable table(*sweep, shape.resolved, shape.accuracy, shape.tasks);
  const Format format(options, *sweep, table);
  Output output(options.output);
  const std::string text = output.text();
  const Earlier earlier = read_earlier(text, options.output, *sweep, format);
  if (earlier.size != text.size()) output.keep(earlier.size);
  if (earlier.size == 0) output.write(format.header());
  std::vector<std::size_t> runs;
  for (std::size_t run = shard.index - 1; run < sweep->runs(); run += shard.count)
    if (!earlier.done[run]) runs.push_back(run);
  run_all(*sweep, sets, table, format, runs, options.jobs, output);
}

}  // namespace palimpsest
