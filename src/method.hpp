// What a continual-learning method may do to training. One learner owns one method; a method never
// sees the experiment, the other learners, or the document.
#pragma once

#include <memory>
#include <span>

#include "model.hpp"
#include "penalty.hpp"
#include "random.hpp"
#include "settings.hpp"

namespace palimpsest {

// What a hook may look at, and the scratch space that it may use.
struct Step {
  const Model& model;  // over the training table of all tasks
  Range task;          // the current task's rows of that table
  std::span<const std::uint32_t> batch;
  std::span<const float> parameters;
  std::span<const float> loss_gradient;  // of the batch's loss alone, where it was asked for
  bool recorded = false;                 // whether what the method reports of this step is kept
  Workspace& workspace;
  Random& random;
};

// What GEM and its kin did to the gradient of one step.
struct ProjectionReport {
  std::vector<double> before, after;  // ⟨g, g_k⟩ and ⟨g̃, g_k⟩ for every past task k
  std::vector<double> multipliers;    // v
  std::vector<double> norms;          // ‖g_k‖, of a recorded step
  double kkt_residual = 0;
  bool active = false;  // whether g̃ differs from g
};

// What a run is made of, to say how much memory a method will take.
struct Extent {
  const Network& network;
  Loss loss;
  std::size_t tasks, examples;  // how many tasks, and training examples of the largest
  double input, pass;  // numbers that hold one example's input, and a batch's row in the workspace
};

// Numbers in single precision, and the key of the parameter that asks for them.
struct Room {
  std::string_view key = "kind";
  double numbers = 0;
};

// Which training examples a method draws its batches from.
enum class Source { current_task, tasks_so_far, all_tasks };

class Method {
 public:
  virtual ~Method() = default;
  virtual Source source() const { return Source::current_task; }

  // The most that it will hold beside a few times θ.
  virtual Room room(const Extent&) const { return {}; }

  // Reads the live parameters: before the first step, and whenever one was changed.
  virtual void configure(const Settings&) {}

  // gradient: of the loss on the batch with l1 and l2, at step.parameters. Adds the method's own
  // terms, or replaces it.
  virtual void shape_gradient(const Step&, std::span<float> /*gradient*/) {}

  // Whether shape_gradient does anything; where not, a step need not form the gradient.
  virtual bool shapes_gradient() const { return true; }

  // Whether shape_gradient needs step.loss_gradient.
  virtual bool needs_loss_gradient() const { return false; }

  // After every update of the parameters.
  virtual void after_update(const Step&) {}

  // After the last update of a task; step.batch is empty.
  virtual void end_task(const Step&) {}

  // The value at these parameters, those of the last shape_gradient, of the terms that it added to
  // the objective.
  virtual double penalty(std::span<const float> /*parameters*/) { return 0; }

  // The diagonal weights that the last finished task got, in the engine's order; empty without.
  virtual std::span<const float> importance() const { return {}; }

  // The rows of the training table that it keeps as examples of finished tasks.
  virtual std::span<const std::uint32_t> kept() const { return {}; }

  // Its penalty at these parameters, as springs.
  virtual Springs springs(std::span<const float> /*parameters*/) { return {}; }

  // Of the last step; nullptr for methods that do not project, or where there was nothing to.
  virtual const ProjectionReport* projection() const { return nullptr; }
};

struct MethodEntry : Entry {
  std::unique_ptr<Method> (*make)(const Settings&);
};

// For MethodEntry::make.
template <class M>
std::unique_ptr<Method> make_method(const Settings& settings) {
  auto method = std::make_unique<M>(settings);
  method->configure(settings);
  return method;
}

}  // namespace palimpsest
