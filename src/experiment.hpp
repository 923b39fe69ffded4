// An experiment: all learners of a document in lockstep. The host owns the loop.
#pragma once

#include "learner.hpp"

namespace palimpsest {

class Experiment {
 public:
  explicit Experiment(std::unique_ptr<Document> document);
  Experiment(const Experiment&) = delete;  // the learners point into it

  // Every learner, at most `count` steps; returns how many were done: 0 at the end.
  std::size_t step(std::size_t count);
  std::size_t done() const { return done_; }
  bool finished() const { return done_ == document_->ends.back(); }

  // For hosts with threads: each learner may be trained by one of its own, all to the same step.
  std::size_t learners() const { return learners_.size(); }
  void train_learner(std::size_t index, std::size_t until) { learners_[index].train_until(until); }
  // As in the result; null before the learner's end, and where it diverged.
  Value metrics(std::size_t learner) const;

  // Changes a learner's live parameter now, and writes the change into the document; a change at the
  // same step gives way to it, and a value that is in force anyway is no change.
  Faults alter(std::size_t learner, const std::string& key, const Value& value);

  // What does not change while it runs: the document with every default, data, the boundaries.
  Value describe() const;
  // What the views draw now.
  Value snapshot();
  // What one learner looks like inside now: of every layer at most `most` units, with what stands
  // between them in the document's order; and what its projections did.
  Value inside(std::size_t learner, std::size_t most);
  // The loss on a task's test set at other parameters, in the document's order; nothing where there
  // is no such task, or the network has not as many of them.
  std::optional<double> loss(std::size_t task, const Numbers& parameters);
  // The experiment document's output.
  Value result() const;

 private:
  std::string digest() const;
  // What the network says over the grid: its first output, or for classification which output is
  // largest in the task's head; over a plane then, in the same order, by how much it is above the
  // next.
  std::vector<float> fit(std::span<const float> parameters, std::size_t task);
  // Of every task's samples in turn, the probability of every output: 0 outside the task's head.
  std::vector<float> answers(std::span<const float> parameters);

  std::unique_ptr<Document> document_;
  Network network_;
  std::vector<float> start_;  // θ before training
  std::vector<Learner> learners_;
  std::size_t done_ = 0;

  // Where fits are drawn: empty unless the network has one input (y is empty) or two (row by row,
  // from the smallest y).
  struct Grid {
    std::vector<double> x, y;
  } grid_;
  std::vector<std::uint32_t> samples_;  // rows of the test table: images to be shown, task by task
  Workspace workspace_;
  std::vector<std::vector<std::vector<float>>> fits_at_ends_;     // by learner and finished task
  std::vector<std::vector<std::vector<float>>> answers_at_ends_;  // likewise
};

}  // namespace palimpsest
