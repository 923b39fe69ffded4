#include <algorithm>
#include <cmath>

#include "../kernels.hpp"
#include "../method.hpp"
#include "../penalty.hpp"

namespace palimpsest {
namespace {

// Mean over the rows of |∂‖f(x)‖²/∂θ_i|: one example's gradient of an affine map is the outer product
// of its input and its delta, so the sum of their absolute values is |X|ᵀ·|D|.
std::vector<float> output_sensitivity(const Step& step) {
  constexpr std::size_t kBlock = 128;
  const Network& network = step.model.network;
  const auto rows = step.model.data.rows(step.task);
  std::vector<double> sums(network.parameters());
  std::vector<float> block(network.parameters()), inputs, deltas, dense;
  const auto absolute = [](std::span<const float> values, std::size_t count,
                           std::vector<float>& into) {
    into.resize(count);
    for (std::size_t i = 0; i < count; ++i) into[i] = std::abs(values[i]);
  };
  for (std::size_t begin = 0; begin < rows.size(); begin += kBlock) {
    const auto some = rows.subspan(begin, std::min(kBlock, rows.size() - begin));
    step.model.data.copy_inputs(some, dense);
    const auto outputs = network.forward(step.parameters, dense, step.workspace);
    auto& deltas_of_outputs = step.workspace.deltas.back();
    std::fill(deltas_of_outputs.begin(), deltas_of_outputs.end(), 0.0f);
    for (std::size_t r = 0; r < some.size(); ++r) {
      const Head head = step.model.data.head(some[r], network.outputs());
      for (std::uint32_t k = head.first; k < head.first + head.count; ++k)
        deltas_of_outputs[r * network.outputs() + k] = 2 * outputs[r * network.outputs() + k];
    }
    network.backward(step.parameters, some.size(), step.workspace);
    for (std::size_t l = 0; l < network.layers().size(); ++l) {
      const Layer& layer = network.layers()[l];
      absolute(step.workspace.activations[l], some.size() * layer.in, inputs);
      absolute(step.workspace.deltas[l], some.size() * layer.out, deltas);
      kernels::multiply_transposed(inputs.data(), deltas.data(), &block[layer.weights], layer.in,
                                   some.size(), layer.out, false);
      kernels::sum_rows(deltas.data(), &block[layer.biases], some.size(), layer.out, false);
    }
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += block[i];
  }
  for (std::size_t i = 0; i < sums.size(); ++i)
    block[i] = static_cast<float>(sums[i] / static_cast<double>(rows.size()));
  return block;
}

// L(batch) + λ·Σ_i Ω_i (θ_i − θ*_i)², θ* the latest task's end, Ω_i the mean over the finished tasks'
// examples of |∂‖f(x)‖²/∂θ_i|, added up over the tasks (Aljundi et al. 2018, eq. 2–4).
class MemoryAwareSynapses : public Method {
 public:
  explicit MemoryAwareSynapses(const Settings&) {}

  void configure(const Settings& settings) override { lambda_ = settings.number("lambda"); }

  void shape_gradient(const Step& step, std::span<float> gradient) override {
    penalty_.add_gradient(step.parameters, 2 * lambda_, gradient);
  }

  void end_task(const Step& step) override {
    importance_ = output_sensitivity(step);
    penalty_.anchor(step.parameters, importance_, Consolidation::online, 1);
  }

  double penalty(std::span<const float> parameters) override {
    return penalty_.value(parameters, 2 * lambda_);
  }

  Springs springs(std::span<const float> parameters) override {
    return penalty_.springs(parameters, 2 * lambda_);
  }

  std::span<const float> importance() const override { return importance_; }

 private:
  double lambda_ = 0;
  AnchoredPenalty penalty_;
  std::vector<float> importance_;
};

}  // namespace

MethodEntry mas() {
  return {{"mas",
           "Memory Aware Synapses",
           "Ties every weight by how much the network’s outputs on old inputs depend on it.",
           "L(batch) + λ·Σᵢ Ωᵢ (θᵢ − θ*ᵢ)²",
           "Aljundi et al. 2018, eq. 2–4",
           {lambda_parameter(1, "How stiff the springs are for a given importance.")}},
          make_method<MemoryAwareSynapses>};
}

}  // namespace palimpsest
