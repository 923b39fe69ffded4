#include "network.hpp"

#include <algorithm>
#include <utility>

#include "elementary.hpp"

namespace palimpsest {
namespace {

// values ← f(values), the last four filled up with zeros.
template <class F>
void replace(std::span<float> values, const F& function) {
  const F f = held(function);
  std::size_t i = 0;
  for (; i + 4 <= values.size(); i += 4) store(&values[i], f(load(&values[i])));
  if (i == values.size()) return;
  float rest[4] = {};
  std::copy(values.begin() + i, values.end(), rest);
  store(rest, function(load(rest)));
  std::copy(rest, rest + (values.size() - i), values.begin() + i);
}

__attribute__((noinline)) void activate(Activation activation, std::span<float> z) {
  switch (activation) {
    case Activation::tanh:
      return replace(z, elementary::Tanh<vec4>());
    case Activation::sigmoid:
      return replace(z, elementary::Sigmoid<vec4>());
    case Activation::softplus:
      return replace(z, elementary::Softplus<vec4>());
    case Activation::relu:
      for (float& x : z) x = x < 0 ? 0 : x;  // NaN stays NaN, so that a divergence shows
      return;
    case Activation::identity:
      return;
  }
}

// delta ← delta · φ′, the derivative taken from the activation a = φ(z) itself.
void multiply_by_slope(Activation activation, std::span<const float> a, std::span<float> delta) {
  const std::size_t count = delta.size();
  switch (activation) {
    case Activation::sigmoid:
      for (std::size_t i = 0; i < count; ++i) delta[i] *= a[i] * (1 - a[i]);
      return;
    case Activation::softplus: {  // φ′ = 1 − e^−φ
      const auto exp = held(elementary::Exp<float>());
      for (std::size_t i = 0; i < count; ++i) delta[i] *= 1 - exp(-a[i]);
      return;
    }
    case Activation::relu:  // a mask in vectors: compiled to branches, it is mispredicted
      for (std::size_t i = 0; i + 4 <= count; i += 4)
        store(&delta[i], load(&a[i]) > broadcast(0) ? load(&delta[i]) : broadcast(0));
      for (std::size_t i = count - count % 4; i < count; ++i) delta[i] = a[i] > 0 ? delta[i] : 0;
      return;
    case Activation::tanh:  // kernels::multiply_by_transpose does it
    case Activation::identity:
      return;
  }
}

template <class T>
void grow(std::vector<T>& buffer, std::size_t size) {
  if (buffer.size() < size) buffer.resize(size);
}

kernels::Sparse row_of(const Nonzeros& nonzeros, std::uint32_t row) {
  const std::uint32_t begin = nonzeros.begin[row];
  return {nonzeros.column.data() + begin, nonzeros.value.data() + begin,
          nonzeros.begin[row + 1] - begin};
}

}  // namespace

Network::Network(std::vector<std::size_t> widths, Activation activation) : activation_(activation) {
  for (std::size_t l = 0; l + 1 < widths.size(); ++l) {
    const std::size_t in = widths[l], out = widths[l + 1];
    layers_.push_back({in, out, parameters_, parameters_ + in * out});
    parameters_ += in * out + out;
  }
}

std::vector<float> Network::from_document_order(std::span<const float> parameters) const {
  std::vector<float> own(parameters.begin(), parameters.end());
  for (const Layer& layer : layers_)
    for (std::size_t o = 0; o < layer.out; ++o)
      for (std::size_t i = 0; i < layer.in; ++i)
        own[layer.weights + i * layer.out + o] = parameters[layer.weights + o * layer.in + i];
  return own;
}

std::vector<float> Network::to_document_order(std::span<const float> parameters) const {
  std::vector<float> document(parameters.begin(), parameters.end());
  for (const Layer& layer : layers_)
    for (std::size_t o = 0; o < layer.out; ++o)
      for (std::size_t i = 0; i < layer.in; ++i)
        document[layer.weights + o * layer.in + i] = parameters[layer.weights + i * layer.out + o];
  return document;
}

void Network::prepare(std::size_t rows, Workspace& workspace) const {
  workspace.activations.resize(layers_.size() + 1);
  workspace.deltas.resize(layers_.size());
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    grow(workspace.activations[l + 1], rows * layers_[l].out);
    grow(workspace.deltas[l], rows * layers_[l].out);
    if (l > 0) grow(workspace.transposed, layers_[l].in * layers_[l].out);
  }
}

std::span<const float> Network::forward(std::span<const float> parameters, const Examples& data,
                                        std::span<const std::uint32_t> rows,
                                        Workspace& workspace) const {
  prepare(rows.size(), workspace);
  workspace.nonzeros = data.sparse() ? &data.nonzeros : nullptr;
  if (workspace.nonzeros) {
    workspace.rows.assign(rows.begin(), rows.end());
    return propagate(parameters, rows.size(), workspace);
  }
  grow(workspace.activations[0], rows.size() * inputs());
  float* to = workspace.activations[0].data();
  for (std::uint32_t row : rows) {
    const float* from = data.input(row).data();
    for (std::size_t i = 0; i < inputs(); ++i)
      *to++ = from[i];  // std::copy calls JavaScript in wasm
  }
  return propagate(parameters, rows.size(), workspace);
}

std::span<const float> Network::forward(std::span<const float> parameters,
                                        std::span<const float> inputs, Workspace& workspace) const {
  const std::size_t rows = inputs.size() / this->inputs();
  prepare(rows, workspace);
  workspace.nonzeros = nullptr;
  grow(workspace.activations[0], inputs.size());
  std::copy(inputs.begin(), inputs.end(), workspace.activations[0].begin());
  return propagate(parameters, rows, workspace);
}

std::span<const float> Network::propagate(std::span<const float> parameters, std::size_t rows,
                                          Workspace& workspace) const {
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const Layer& layer = layers_[l];
    const float* weights = &parameters[layer.weights];
    const float* biases = &parameters[layer.biases];
    float* z = workspace.activations[l + 1].data();
    if (l == 0 && workspace.nonzeros) {
      const Nonzeros& table = *workspace.nonzeros;
      grow(workspace.panel, kernels::sparse_panel(std::max(layer.in, rows)));
      kernels::multiply_sparse({table.begin.data(), table.column.data(), table.value.data(),
                                workspace.rows.data(), rows},
                               weights, biases, false, z, layer.in, layer.out,
                               workspace.panel.data());
    } else {
      kernels::multiply_with_bias(workspace.activations[l].data(), weights, biases, z, rows,
                                  layer.in, layer.out);
    }
    if (l + 1 < layers_.size()) activate(activation_, {z, rows * layer.out});
  }
  return {workspace.activations.back().data(), rows * outputs()};
}

void Network::backward(std::span<const float> parameters, std::size_t rows,
                       Workspace& workspace) const {
  for (std::size_t l = layers_.size() - 1; l > 0; --l) {
    const Layer& layer = layers_[l];
    float* delta = workspace.deltas[l - 1].data();
    const std::span<const float> activations(workspace.activations[l].data(), rows * layer.in);
    const bool is_tanh = activation_ == Activation::tanh;
    kernels::multiply_by_transpose(workspace.deltas[l].data(), &parameters[layer.weights], delta,
                                   rows, layer.out, layer.in, workspace.transposed.data(),
                                   is_tanh ? activations.data() : nullptr);
    if (!is_tanh) multiply_by_slope(activation_, activations, {delta, rows * layer.in});
  }
}

void Network::dense_gradient(std::size_t l, const Workspace& workspace, std::size_t rows,
                             bool accumulate, std::span<float> gradient) const {
  const Layer& layer = layers_[l];
  const float* delta = workspace.deltas[l].data();
  kernels::sum_rows(delta, &gradient[layer.biases], rows, layer.out, accumulate);
  if (l > 0 || !workspace.nonzeros)
    kernels::multiply_transposed(workspace.activations[l].data(), delta, &gradient[layer.weights],
                                 layer.in, rows, layer.out, accumulate);
}

void Network::gradient(Workspace& workspace, std::size_t rows, bool accumulate,
                       std::span<float> gradient, const InputIndex* index) const {
  for (std::size_t l = 0; l < layers_.size(); ++l)
    dense_gradient(l, workspace, rows, accumulate, gradient);
  if (!workspace.nonzeros) return;
  if (!index) workspace.index.sort(*workspace.nonzeros, workspace.rows, inputs());
  const InputIndex& sorted = index ? *index : workspace.index;
  const Layer& first = layers_.front();
  kernels::multiply_sparse(
      {sorted.begin.data(), sorted.example.data(), sorted.value.data(), nullptr, first.in},
      workspace.deltas[0].data(), nullptr, accumulate, &gradient[first.weights], rows, first.out,
      workspace.panel.data());
}

bool Network::descend(Workspace& workspace, std::size_t rows, float rate,
                      std::span<float> parameters, std::span<float> scratch) const {
  bool finite = true;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const Layer& layer = layers_[l];
    const float* delta = workspace.deltas[l].data();
    kernels::sum_rows(delta, scratch.data(), rows, layer.out, false);
    finite &= kernels::subtract_scaled(scratch.first(layer.out), rate,
                                       parameters.subspan(layer.biases, layer.out));
    if (l > 0 || !workspace.nonzeros)
      finite &= kernels::subtract_transposed(workspace.activations[l].data(), delta, rate,
                                             &parameters[layer.weights], layer.in, rows, layer.out,
                                             scratch.data());
  }
  if (!workspace.nonzeros) return finite;
  const Layer& first = layers_.front();
  const InputIndex& index = workspace.index;
  workspace.index.sort(*workspace.nonzeros, workspace.rows, first.in);
  for (std::size_t i = 0; i < first.in; ++i)
    if (index.begin[i] < index.begin[i + 1])
      finite &=
          kernels::subtract_combined_rows(index.examples(i), workspace.deltas[0].data(), rate,
                                          &parameters[first.weights + i * first.out], first.out);
  return finite;
}

kernels::Sparse InputIndex::examples(std::size_t input) const {
  const std::uint32_t from = begin[input];
  return {example.data() + from, value.data() + from, begin[input + 1] - from};
}

void InputIndex::sort(const Nonzeros& nonzeros, std::span<const std::uint32_t> rows,
                      std::size_t inputs) {
  // A counting sort: input i is counted in begin[i + 2]; summed up, begin[i + 1] is where it
  // begins, and filling moves that on to where it ends.
  begin.assign(inputs + 2, 0);
  for (std::uint32_t row : rows) {
    const kernels::Sparse numbers = row_of(nonzeros, row);
    for (std::size_t k = 0; k < numbers.count; ++k) ++begin[numbers.place[k] + 2];
  }
  for (std::size_t i = 2; i <= inputs; ++i) begin[i + 1] += begin[i];
  // As many as any so many rows can have, so that no later batch grows it.
  const std::size_t most = std::min(rows.size() * nonzeros.widest, nonzeros.value.size());
  const std::size_t room = std::max<std::size_t>(most, begin[inputs + 1]);
  grow(example, room);
  grow(value, room);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const kernels::Sparse numbers = row_of(nonzeros, rows[r]);
    for (std::size_t k = 0; k < numbers.count; ++k) {
      const std::uint32_t at = begin[numbers.place[k] + 1]++;
      example[at] = static_cast<std::uint32_t>(r);
      value[at] = numbers.value[k];
    }
  }
}

}  // namespace palimpsest
