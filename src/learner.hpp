// One learner: a network trained on the tasks in a row with one method. It depends on the document
// and its own place in it alone, never on the other learners.
#pragma once

#include <optional>

#include "digest.hpp"
#include "document.hpp"
#include "metrics.hpp"

namespace palimpsest {

// Draws batches from a range of the training table: every row once in a shuffled order, then anew.
class BatchSampler {
 public:
  // batch 0: the whole range in its own order, every time.
  void start(Range range, std::size_t batch, Random random);
  std::span<const std::uint32_t> next();

 private:
  std::vector<std::uint32_t> order_;
  std::size_t batch_ = 0, next_ = 0;
  bool shuffled_ = true;
  std::optional<Random> random_;
};

// What is recorded while a learner trains: by task, and there by recorded point.
struct Curves {
  std::vector<double> step;
  std::vector<std::vector<double>> loss, train_loss, accuracy;  // accuracy empty for mse
};

// Of the step that led to every recorded point, by recorded point; NaN at step 0. A method that
// does nothing shows it here.
struct Diagnostics {
  std::vector<double> loss;     // of the batch
  std::vector<double> penalty;  // of the method's own terms
  std::vector<double> norm;     // of the gradient before the method shaped it
  std::vector<double> cosine;   // between that gradient and the one used
};

enum class Status { running, finished, diverged };

// GEM's report at a recorded step.
struct RecordedProjection {
  std::size_t step;
  ProjectionReport report;
  double norm, used_norm, cosine;  // ‖g‖, ‖g̃‖, and the cosine between them
};

// What a method that projects has done so far.
struct ProjectionTally {
  std::size_t steps = 0;   // in which there was something to compare with
  std::size_t active = 0;  // of them those with another gradient
  std::optional<RecordedProjection> last;
};

class Learner {
 public:
  // start: θ before training, in the engine's order.
  Learner(const Document& document, std::size_t index, const Network& network,
          std::span<const float> start);

  // Trains until `step` steps have been done in all, or to the end.
  void train_until(std::size_t step);

  Status status() const { return status_; }
  std::size_t diverged_at() const { return done_; }
  const Curves& curves() const { return curves_; }
  const Diagnostics& diagnostics() const { return diagnostics_; }
  std::span<const float> parameters() const { return parameters_; }
  // θ at the end of every finished task.
  const std::vector<std::vector<float>>& ends() const { return ends_; }
  const std::vector<std::vector<float>>& importance() const { return importance_; }
  const std::vector<RecordedProjection>& projections() const { return projections_; }
  const ProjectionTally& tally() const { return tally_; }
  std::span<const std::uint32_t> kept() const { return turns_[turn_].method->kept(); }
  // What holds the parameters now; once all is done, what held them to the end.
  Springs springs() { return last_springs_ ? *last_springs_ : method().springs(parameters_); }
  // Of the current task, or the last.
  std::size_t task() const { return task_; }
  ResultMatrix matrix(const std::vector<std::vector<double>>& by_task) const;
  // Over the bit patterns of the curves and of θ in the document's order.
  Digest digest() const;

 private:
  // A method and what it draws with.
  struct Turn {
    std::unique_ptr<Method> method;
    Random random;
    std::size_t until;  // steps
  };

  // The first is in force, the others are told all that happens.
  std::span<Turn> turns() { return std::span(turns_).subspan(turn_); }
  Method& method() { return *turns_[turn_].method; }
  void begin_task();
  void apply_alterations();
  void take_turns();
  void take_step();
  Descent shaped_step(std::span<const std::uint32_t> batch, bool recorded);
  void end_task();
  void record();
  void diagnose(double loss);
  void count_projection();
  void diverge();
  Range source();
  Step step(std::span<const std::uint32_t> batch, bool recorded, Random& random);

  const Document& document_;
  const LearnerPlan& plan_;
  const Network& network_;
  Model training_, testing_;
  std::size_t index_;
  Settings settings_;  // the last method's, as altered so far
  std::vector<Turn> turns_;
  std::size_t turn_ = 0;
  Optimizer optimizer_;
  BatchSampler sampler_;
  Workspace workspace_;
  std::vector<float> parameters_, gradient_;
  std::vector<float> loss_gradient_;  // for methods that ask for it
  std::vector<float> raw_gradient_;   // before the method shaped it, at recorded steps
  std::vector<float> unused_;         // what a method made of it whose turn has not come
  std::size_t done_ = 0, task_ = 0, next_alteration_ = 0;
  Status status_ = Status::running;

  Curves curves_;
  Diagnostics diagnostics_;
  std::vector<std::size_t>
      recorded_ends_;  // by finished task: its last point's place in the curves
  std::vector<std::vector<float>> ends_, importance_;
  std::vector<RecordedProjection> projections_;
  ProjectionTally tally_;
  std::optional<Springs> last_springs_;  // before the last task's end moved the anchors
  double used_norm_ = 0;                 // of the gradient used at the last recorded step
};

}  // namespace palimpsest
