// Work on threads, and its progress. Native only.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace palimpsest {

// All of `work(i)` for i < count, on threads; the first exception stops the rest and is thrown
// here.
class Pool {
 public:
  Pool(std::size_t jobs, std::size_t count, std::function<void(std::size_t)> work)
      : count_(count), work_(std::move(work)) {
    threads_.reserve(std::min(jobs, count));
    try {
      while (threads_.size() < std::min(jobs, count)) threads_.emplace_back([this] { loop(); });
    } catch (const std::system_error&) {  // no room for another thread
      if (threads_.empty() && count > 0) throw;
    }
  }
  ~Pool() {
    stopped_ = true;
    join();
  }
  bool failed() const { return stopped_; }
  void finish() {
    join();
    if (error_) std::rethrow_exception(error_);
  }

 private:
  void loop() {
    try {
      for (std::size_t i = next_++; i < count_ && !stopped_; i = next_++) work_(i);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      stopped_ = true;
    }
  }
  void join() {
    for (std::thread& thread : threads_)
      if (thread.joinable()) thread.join();
  }

  std::size_t count_;
  std::function<void(std::size_t)> work_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> stopped_{false};
  std::mutex mutex_;
  std::exception_ptr error_;
  std::vector<std::thread> threads_;
};

inline std::string duration(double seconds) {
  const auto whole = static_cast<long long>(seconds + 0.5);
  char text[32];
  std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
  return whole < 3600 ? text + 2 : text;
}

// On standard error, and only where that is a terminal.
class Progress {
 public:
  explicit Progress(std::size_t runs) : runs_(runs), shown_(isatty(STDERR_FILENO) != 0) {}
  ~Progress() {
    if (shown_) std::cerr << "\r\033[K" << std::flush;
  }

  // percents: of all runs together.
  void show(std::size_t written, std::size_t percents) const {
    constexpr std::size_t kWidth = 40;
    if (!shown_ || runs_ == 0) return;
    const double share = static_cast<double>(percents) / (100 * static_cast<double>(runs_));
    const double passed = std::chrono::duration<double>(Clock::now() - began_).count();
    const auto filled = static_cast<std::size_t>(kWidth * share);
    std::cerr << "\r\033[K[" << std::string(filled, '#') << std::string(kWidth - filled, '.')
              << "] " << written << " of " << runs_ << " runs";
    if (percents > 0) std::cerr << ", " << duration(passed * (1 - share) / share) << " left";
    std::cerr << std::flush;
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::size_t runs_;
  bool shown_;
  Clock::time_point began_ = Clock::now();
};

}  // namespace palimpsest
