// A network with the data that it learns from: losses, their gradients, and evaluation.
#pragma once

#include <span>

#include "examples.hpp"
#include "network.hpp"

namespace palimpsest {

struct Model {
  const Network& network;
  const Examples& data;
  Loss loss;
};

// The mean loss over the rows, and deltas (rows × outputs) = weight · ∂(mean loss)/∂outputs.
//   mse            mean over rows and outputs of (ŷ − y)²
//   cross_entropy  mean over rows of −log softmax(ŷ)[label], the softmax over the row's head
double loss_and_deltas(Loss loss, const Examples& data, std::span<const std::uint32_t> rows,
                       std::span<const float> outputs, float weight, std::span<float> deltas);

// softmax(logits), in place.
void softmax(std::span<float> logits);

// gradient (length of θ) = [gradient if accumulate] + weight · ∂L/∂θ with L the mean loss over the
// rows. Returns L. `index`: the rows' sorted inputs, where the data are sparse and it is known.
double loss_gradient(const Model& model, std::span<const float> parameters,
                     std::span<const std::uint32_t> rows, float weight, bool accumulate,
                     std::span<float> gradient, Workspace& workspace,
                     const InputIndex* index = nullptr);

// θ ← θ − rate·∂L/∂θ. Returns L at the θ before, and whether θ stays finite.
struct Descent {
  double loss;
  bool finite;
};
Descent descend(const Model& model, std::span<float> parameters,
                std::span<const std::uint32_t> rows, float rate, std::span<float> scratch,
                Workspace& workspace);

struct Evaluation {
  double loss = 0;
  double accuracy = 0;  // the share of rows whose largest output is the label's; 0 for mse
};

// Over the rows of a range of the model's data, in blocks, summed in double.
Evaluation evaluate(const Model& model, std::span<const float> parameters, Range range,
                    Workspace& workspace);

}  // namespace palimpsest
