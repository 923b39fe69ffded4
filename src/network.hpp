// The multilayer perceptron: its shape, its parameters' order, prediction and gradients.
#pragma once

#include <span>
#include <vector>

#include "examples.hpp"
#include "kernels.hpp"
#include "random.hpp"

namespace palimpsest {

enum class Activation { tanh, relu, sigmoid, softplus, identity };
enum class Initialization { uniform, xavier, spread, truncated_normal };

// One affine map. Inside the engine its weights lie input by input (in × out), the order in which
// the forward product and sparse inputs want them; the document's order is out × in.
struct Layer {
  std::size_t in, out;
  std::size_t weights, biases;  // where they start in the flat vector θ
};

// The nonzero inputs of some rows of a table, sorted by input and there by row, so that every row of
// the weights' gradient is one sum.
struct InputIndex {
  std::vector<std::uint32_t> begin;    // by input, then the number of all, twice
  std::vector<std::uint32_t> example;  // counted from the first of the rows
  std::vector<float> value;

  // The index of these rows of a table with `inputs` inputs.
  void sort(const Nonzeros& nonzeros, std::span<const std::uint32_t> rows, std::size_t inputs);

  // The examples that use an input.
  kernels::Sparse examples(std::size_t input) const;
};

// Intermediate results of one pass, kept between calls so that a training step allocates nothing.
// One workspace serves one thread; it grows to the largest batch that it has seen.
struct Workspace {
  std::vector<std::vector<float>> activations;  // [0] the inputs, [l] the output of layer l − 1
  std::vector<std::vector<float>> deltas;       // [l] ∂L/∂(layer l's affine output), batch × out
  std::vector<float> transposed;                // of the weights that a pass goes back through

  // A batch of sparse inputs is not copied into activations[0]: `nonzeros` is its table and `rows`
  // its rows there, which `index` sorts for the weights' gradient.
  const Nonzeros* nonzeros = nullptr;
  std::vector<std::uint32_t> rows;
  InputIndex index;
  std::vector<float> panel;  // for kernels::multiply_sparse
};

class Network {
 public:
  // widths: inputs, hidden layers …, outputs; at least two of them.
  Network(std::vector<std::size_t> widths, Activation activation);

  std::size_t inputs() const { return layers_.front().in; }
  std::size_t outputs() const { return layers_.back().out; }
  // The length of θ.
  std::size_t parameters() const { return parameters_; }
  const std::vector<Layer>& layers() const { return layers_; }
  Activation activation() const { return activation_; }

  // θ before training. `uniform`: weights and biases uniform in ±1/√in (PyTorch's nn.Linear).
  // `xavier`: weights uniform in ±√(6/(in + out)), biases zero (Glorot & Bengio 2010, eq. 16).
  // `spread`: as `uniform`, but the first layer's units bend where the data are, with the sign of w
  // random, |w| = 8/√in over the half width of the data's box and b = −w·x₀ for an input x₀ drawn
  // uniformly from that box; and the last layer (so a single one) as `xavier`, which is wider: the
  // larger the output's scale, the less the weights move to learn a task, and the longer a
  // quadratic around the old ones holds (Chizat, Oyallon & Bach 2019, "On lazy training in
  // differentiable programming").
  // `truncated_normal`: weights normal with mean 0 and deviation 0.1, drawn again where beyond two
  // deviations (TensorFlow's truncated_normal), biases 0.1: the start of Chaudhry et al. 2019's code.
  std::vector<float> initial_parameters(Initialization initialization, const Examples& data,
                                        Random random) const;

  // Between the document's order of θ (layer by layer: out × in, then biases) and the engine's.
  std::vector<float> from_document_order(std::span<const float> parameters) const;
  std::vector<float> to_document_order(std::span<const float> parameters) const;

  // Outputs (rows × outputs) for the rows of a table, or for inputs given row by row. The result
  // stays in the workspace until its next use.
  std::span<const float> forward(std::span<const float> parameters, const Examples& data,
                                 std::span<const std::uint32_t> rows, Workspace& workspace) const;
  std::span<const float> forward(std::span<const float> parameters, std::span<const float> inputs,
                                 Workspace& workspace) const;

  // After forward, with workspace.deltas.back() = ∂L/∂outputs (rows × outputs): writes ∂L/∂z of
  // every layer into workspace.deltas.
  void backward(std::span<const float> parameters, std::size_t rows, Workspace& workspace) const;

  // After backward: gradient (length of θ) = [gradient if accumulate] + Σ over the batch's rows.
  // `index`: that of a sparse batch, where it is known; else it is sorted anew.
  void gradient(Workspace& workspace, std::size_t rows, bool accumulate, std::span<float> gradient,
                const InputIndex* index = nullptr) const;

  // After backward: θ ← θ − rate · (Σ over the batch's rows), without forming the gradient where the
  // inputs are sparse; the weights of an input that no row uses are not touched. `scratch` has the
  // length of θ. Whether θ stays finite.
  bool descend(Workspace& workspace, std::size_t rows, float rate, std::span<float> parameters,
               std::span<float> scratch) const;

 private:
  void spread_first_layer(const Examples& data, Random& random, std::span<float> parameters) const;
  void prepare(std::size_t rows, Workspace& workspace) const;
  std::span<const float> propagate(std::span<const float> parameters, std::size_t rows,
                                   Workspace& workspace) const;
  // The gradient of one layer's parameters but for a sparse batch's first weights.
  void dense_gradient(std::size_t layer, const Workspace& workspace, std::size_t rows,
                      bool accumulate, std::span<float> gradient) const;

  std::vector<Layer> layers_;
  Activation activation_;
  std::size_t parameters_ = 0;
};

}  // namespace palimpsest
