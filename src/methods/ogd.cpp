#include <algorithm>
#include <cmath>

#include "../kernels.hpp"
#include "../memory.hpp"
#include "../method.hpp"

namespace palimpsest {
namespace {

// The least share of a gradient that must be new for it to enter the basis: what is smaller is
// rounding.
constexpr double kNew = 1e-5;

// g̃ = g − Σ_b ⟨g, b⟩ b over an orthonormal basis b of the gradients of the old tasks' outputs, so
// that to first order no step along g̃ changes what the network says of the kept examples
// (Farajtabar et al. 2020, algorithm 1). The paper's steps are plain SGD's. Adam scales every
// element of g̃ by itself, and weight decay is added to it: such steps are not along g̃. For mse the
// gradient of every output is kept; for cross_entropy that of the label's logit (their OGD-GTL).
class OrthogonalGradientDescent : public Method {
 public:
  explicit OrthogonalGradientDescent(const Settings& settings) : memory_(settings) {}

  void shape_gradient(const Step& step, std::span<float> gradient) override {
    memory_.observe(step.batch, step.model.data.count());
    orthogonalise(gradient);
  }

  void end_task(const Step& step) override {
    memory_.end_task(step.task, step.random);
    for (std::uint32_t row : memory_.rows(memory_.tasks() - 1)) {
      if (step.model.loss == Loss::cross_entropy) {
        add_direction(step, row, step.model.data.labels[row]);
        continue;
      }
      for (std::size_t k = 0; k < step.model.network.outputs(); ++k) add_direction(step, row, k);
    }
  }

  // The basis, which has at most as many directions as θ has numbers.
  Room room(const Extent& extent) const override {
    const double length = static_cast<double>(extent.network.parameters());
    const std::size_t outputs = extent.loss == Loss::mse ? extent.network.outputs() : 1;
    const double directions =
        static_cast<double>(memory_.most(extent) * outputs) * static_cast<double>(extent.tasks);
    return {"memory_per_task", std::min(directions, length) * length};
  }

  std::span<const std::uint32_t> kept() const override { return memory_.rows(); }

 private:
  void orthogonalise(std::span<float> gradient) const {
    for (const std::vector<float>& direction : basis_)
      kernels::add_scaled(direction, -static_cast<float>(kernels::dot(gradient, direction)),
                          gradient);
  }

  // Gram and Schmidt, twice: once is not enough in single precision.
  void add_direction(const Step& step, std::uint32_t row, std::size_t output) {
    const Network& network = step.model.network;
    network.forward(step.parameters, step.model.data, {&row, 1}, step.workspace);
    for (std::size_t k = 0; k < network.outputs(); ++k)
      step.workspace.deltas.back()[k] = k == output ? 1 : 0;
    network.backward(step.parameters, 1, step.workspace);
    std::vector<float> direction(network.parameters());
    network.gradient(step.workspace, 1, false, direction);
    const double length = std::sqrt(kernels::dot(direction, direction));
    orthogonalise(direction);
    orthogonalise(direction);
    const double left = std::sqrt(kernels::dot(direction, direction));
    if (!(left > kNew * length)) return;
    const float scale = static_cast<float>(1 / left);
    for (float& x : direction) x *= scale;
    basis_.push_back(std::move(direction));
  }

  EpisodicMemory memory_;
  std::vector<std::vector<float>> basis_;  // orthonormal, each as long as θ
};

}  // namespace

MethodEntry ogd() {
  return {
      {"ogd",
       "Orthogonal Gradient Descent",
       "Takes out of the gradient what would change the outputs on the old examples; out of the "
       "step too where it is plain SGD without weight decay.",
       "g̃ = g − Σ_b ⟨g, b⟩ b,  b spanning the old ∇f(x)",
       "Farajtabar et al. 2020, algorithm 1",
       {memory_per_task_parameter(), selection_parameter()}},
      make_method<OrthogonalGradientDescent>};
}

}  // namespace palimpsest
