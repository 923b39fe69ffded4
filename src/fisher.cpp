#include "fisher.hpp"

#include <algorithm>
#include <cmath>

#include "kernels.hpp"

namespace palimpsest {
namespace {

// One example's gradient of an affine map is the outer product of its input and its delta, so the
// sum over examples of its square is (X∘X)ᵀ·(D∘D).
class SquaredGradients {
 public:
  SquaredGradients(const Network& network) : network_(network), sums_(network.parameters()) {}

  // After backward: adds every row's squared gradient.
  void add(const Workspace& workspace, std::size_t rows) {
    block_.resize(network_.parameters());
    for (std::size_t l = 0; l < network_.layers().size(); ++l) {
      const Layer& layer = network_.layers()[l];
      square(workspace.activations[l], rows * layer.in, inputs_);
      square(workspace.deltas[l], rows * layer.out, deltas_);
      kernels::multiply_transposed(inputs_.data(), deltas_.data(), &block_[layer.weights], layer.in,
                                   rows, layer.out, false);
      kernels::sum_rows(deltas_.data(), &block_[layer.biases], rows, layer.out, false);
    }
    for (std::size_t i = 0; i < sums_.size(); ++i) sums_[i] += block_[i];
  }

  std::vector<float> mean(std::size_t rows) const {
    std::vector<float> means(sums_.size());
    for (std::size_t i = 0; i < sums_.size(); ++i)
      means[i] = static_cast<float>(sums_[i] / static_cast<double>(rows));
    return means;
  }

 private:
  static void square(std::span<const float> values, std::size_t count, std::vector<float>& into) {
    into.resize(count);
    for (std::size_t i = 0; i < count; ++i) into[i] = values[i] * values[i];
  }

  const Network& network_;
  std::vector<double> sums_;
  std::vector<float> block_, inputs_, deltas_;
};

// ∂ log p(y|x)/∂outputs for outcome `outcome` of the expectation, times the root of its
// probability: for the Gaussian the k-th unit vector (its E over y is Σ_k of these squared), for the
// softmax √p_c·(e_c − p).
void outcome_deltas(Loss loss, std::span<const float> outputs, std::size_t outcome,
                    std::span<float> deltas) {
  if (loss == Loss::mse) {
    std::fill(deltas.begin(), deltas.end(), 0.0f);
    deltas[outcome] = 1;
    return;
  }
  std::copy(outputs.begin(), outputs.end(), deltas.begin());
  softmax(deltas);
  const float root = std::sqrt(deltas[outcome]);
  for (float& p : deltas) p *= -root;
  deltas[outcome] += root;
}

// ∂ log p(y|x)/∂outputs at the data's own y: y − f, or e_label − p.
void data_deltas(const Model& model, std::uint32_t row, std::span<const float> outputs,
                 std::span<float> deltas) {
  std::copy(outputs.begin(), outputs.end(), deltas.begin());
  if (model.loss == Loss::mse) {
    for (std::size_t k = 0; k < deltas.size(); ++k) deltas[k] -= model.data.target(row)[k];
  } else {
    softmax(deltas);
    deltas[model.data.labels[row]] -= 1;
  }
}

}  // namespace

std::vector<float> diagonal_fisher(const Model& model, std::span<const float> parameters,
                                   std::span<const std::uint32_t> rows, FisherKind kind,
                                   Workspace& workspace) {
  constexpr std::size_t kBlock = 128;
  const std::size_t width = model.network.outputs();
  const std::size_t outcomes = kind == FisherKind::exact ? width : 1;
  SquaredGradients squares(model.network);
  std::vector<float> inputs;  // dense, since the squares need them all
  for (std::size_t begin = 0; begin < rows.size(); begin += kBlock) {
    const auto block = rows.subspan(begin, std::min(kBlock, rows.size() - begin));
    inputs.clear();
    for (std::uint32_t row : block) {
      const auto input = model.data.input(row);
      inputs.insert(inputs.end(), input.begin(), input.end());
    }
    const auto outputs = model.network.forward(parameters, inputs, workspace);
    for (std::size_t outcome = 0; outcome < outcomes; ++outcome) {
      for (std::size_t r = 0; r < block.size(); ++r) {
        const auto row = outputs.subspan(r * width, width);
        const std::span<float> deltas(&workspace.deltas.back()[r * width], width);
        if (kind == FisherKind::exact)
          outcome_deltas(model.loss, row, outcome, deltas);
        else
          data_deltas(model, block[r], row, deltas);
      }
      model.network.backward(parameters, block.size(), workspace);
      squares.add(workspace, block.size());
    }
  }
  return squares.mean(rows.size());
}

}  // namespace palimpsest
