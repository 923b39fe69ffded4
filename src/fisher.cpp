#include "fisher.hpp"

#include <algorithm>
#include <cmath>

#include "kernels.hpp"

namespace palimpsest {
namespace {

// ∂ log p(y|x)/∂outputs for outcome `outcome` of the expectation, times the root of its
// probability: for the Gaussian the k-th unit vector (its E over y is Σ_k of these squared), for
// the softmax √p_c·(e_c − p).
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
    deltas[model.data.labels[row] - model.data.head(row, 0).first] -= 1;
  }
}

// ∂ log p(y|x)/∂outputs at a y drawn from p(y|x).
void sampled_deltas(Loss loss, std::span<const float> outputs, Random& random,
                    std::span<float> deltas) {
  if (loss == Loss::mse) {
    for (float& delta : deltas) delta = static_cast<float>(random.normal());
    return;
  }
  std::copy(outputs.begin(), outputs.end(), deltas.begin());
  softmax(deltas);
  double left = random.uniform();
  std::size_t drawn = 0;
  while (drawn + 1 < deltas.size() && left >= deltas[drawn]) left -= deltas[drawn++];
  for (float& p : deltas) p = -p;
  deltas[drawn] += 1;
}

// Runs the network forward and back for every block of rows and every outcome that the kind asks
// for, and hands the workspace with inputs and deltas to `use(workspace, rows in the block)`.
template <class Use>
void for_each_pass(const Model& model, std::span<const float> parameters,
                   std::span<const std::uint32_t> rows, FisherKind kind, Random& random,
                   Workspace& workspace, Use use) {
  constexpr std::size_t kBlock = 128;
  const std::size_t width = model.network.outputs();
  const std::size_t outcomes = kind == FisherKind::exact ? width : 1;
  std::vector<float> inputs;  // dense, since the squares need them all
  for (std::size_t begin = 0; begin < rows.size(); begin += kBlock) {
    const auto block = rows.subspan(begin, std::min(kBlock, rows.size() - begin));
    model.data.copy_inputs(block, inputs);
    const auto outputs = model.network.forward(parameters, inputs, workspace);
    for (std::size_t outcome = 0; outcome < outcomes; ++outcome) {
      std::fill(workspace.deltas.back().begin(), workspace.deltas.back().end(), 0.0f);
      for (std::size_t r = 0; r < block.size(); ++r) {
        const Head head = model.data.head(block[r], width);
        if (outcome >= head.count) continue;
        const auto row = outputs.subspan(r * width + head.first, head.count);
        const std::span<float> deltas(&workspace.deltas.back()[r * width + head.first], head.count);
        if (kind == FisherKind::exact)
          outcome_deltas(model.loss, row, outcome, deltas);
        else if (kind == FisherKind::sampled)
          sampled_deltas(model.loss, row, random, deltas);
        else
          data_deltas(model, block[r], row, deltas);
      }
      model.network.backward(parameters, block.size(), workspace);
      use(workspace, block.size());
    }
  }
}

void square(std::span<const float> values, std::size_t count, std::vector<float>& into) {
  into.resize(count);
  for (std::size_t i = 0; i < count; ++i) into[i] = values[i] * values[i];
}

}  // namespace

FisherKind fisher_kind(const Settings& settings) {
  const std::string& name = settings.choice("fisher");
  return name == "empirical" ? FisherKind::empirical
         : name == "sampled" ? FisherKind::sampled
         : name == "batch"   ? FisherKind::batch
                             : FisherKind::exact;
}

std::vector<float> diagonal_fisher(const Model& model, std::span<const float> parameters,
                                   std::span<const std::uint32_t> rows, FisherKind kind,
                                   Random& random, Workspace& workspace) {
  const auto& layers = model.network.layers();
  std::vector<double> sums(parameters.size());
  std::vector<float> block(parameters.size()), inputs, deltas;
  const auto add = [&](Workspace& pass, std::size_t count) {
    if (kind == FisherKind::batch) {
      model.network.gradient(pass, count, false, block);
    } else {
      // The sum over examples of the squared outer products is (X∘X)ᵀ · (D∘D).
      for (std::size_t l = 0; l < layers.size(); ++l) {
        const Layer& layer = layers[l];
        square(pass.activations[l], count * layer.in, inputs);
        square(pass.deltas[l], count * layer.out, deltas);
        kernels::multiply_transposed(inputs.data(), deltas.data(), &block[layer.weights], layer.in,
                                     count, layer.out, false);
        kernels::sum_rows(deltas.data(), &block[layer.biases], count, layer.out, false);
      }
    }
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += block[i];
  };
  for_each_pass(model, parameters, rows, kind, random, workspace, add);
  std::vector<float> fisher(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const double mean = sums[i] / static_cast<double>(rows.size());
    fisher[i] = static_cast<float>(kind == FisherKind::batch ? mean * mean : mean);
  }
  return fisher;
}

FisherFactor::FisherFactor(const Model& model, std::span<const float> parameters,
                           std::span<const std::uint32_t> rows, FisherKind kind, Random& random,
                           Workspace& workspace)
    : layers_(model.network.layers()),
      examples_(rows.size()),
      of_the_mean_(kind == FisherKind::batch),
      inputs_(layers_.size()),
      deltas_(layers_.size()) {
  const auto keep = [this](const Workspace& pass, std::size_t count) {
    const auto append = [](std::vector<float>& to, const std::vector<float>& from, std::size_t n) {
      to.insert(to.end(), from.begin(), from.begin() + static_cast<std::ptrdiff_t>(n));
    };
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      append(inputs_[l], pass.activations[l], count * layers_[l].in);
      append(deltas_[l], pass.deltas[l], count * layers_[l].out);
    }
    pairs_ += count;
  };
  for_each_pass(model, parameters, rows, kind, random, workspace, keep);
  std::size_t widest = 0;
  for (const Layer& layer : layers_) widest = std::max(widest, layer.out);
  products_.resize(pairs_);
  scratch_.resize(pairs_ * widest);
}

double FisherFactor::room(const Network& network, std::size_t examples, FisherKind kind) {
  std::size_t numbers = 0, widest = 0;  // of a pair
  for (const Layer& layer : network.layers()) {
    numbers += layer.in + layer.out;
    widest = std::max(widest, layer.out);
  }
  const std::size_t outcomes = kind == FisherKind::exact ? network.outputs() : 1;
  return static_cast<double>(examples) * static_cast<double>(outcomes) *
         static_cast<double>(numbers + widest);
}

void FisherFactor::project(std::span<const float> direction) {
  std::fill(products_.begin(), products_.end(), 0.0f);
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const Layer& layer = layers_[l];
    kernels::multiply_with_bias(inputs_[l].data(), &direction[layer.weights],
                                &direction[layer.biases], scratch_.data(), pairs_, layer.in,
                                layer.out);
    for (std::size_t r = 0; r < pairs_; ++r)
      for (std::size_t o = r * layer.out; o < (r + 1) * layer.out; ++o)
        products_[r] += scratch_[o] * deltas_[l][o];
  }
  if (!of_the_mean_) return;
  double mean = 0;
  for (float product : products_) mean += product / static_cast<double>(examples_);
  std::fill(products_.begin(), products_.end(), static_cast<float>(mean));
}

double FisherFactor::add_product(std::span<const float> direction, float scale,
                                 std::span<float> gradient) {
  project(direction);
  const float share = scale / static_cast<float>(examples_);
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const Layer& layer = layers_[l];
    for (std::size_t r = 0; r < pairs_; ++r)
      for (std::size_t o = r * layer.out; o < (r + 1) * layer.out; ++o)
        scratch_[o] = share * products_[r] * deltas_[l][o];
    kernels::multiply_transposed(inputs_[l].data(), scratch_.data(), &gradient[layer.weights],
                                 layer.in, pairs_, layer.out, true);
    kernels::sum_rows(scratch_.data(), &gradient[layer.biases], pairs_, layer.out, true);
  }
  double sum = 0;
  for (float product : products_) sum += static_cast<double>(product) * product;
  return sum / static_cast<double>(examples_);
}

KroneckerFisher::KroneckerFisher(const Model& model, std::span<const float> parameters,
                                 std::span<const std::uint32_t> rows, FisherKind kind,
                                 Random& random, Workspace& workspace)
    : layers_(model.network.layers()), inputs_(layers_.size()), deltas_(layers_.size()) {
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    inputs_[l].resize((layers_[l].in + 1) * (layers_[l].in + 1));
    deltas_[l].resize(layers_[l].out * layers_[l].out);
  }
  std::vector<float> extended;
  std::size_t pairs = 0;
  const auto add = [&](const Workspace& pass, std::size_t count) {
    for (std::size_t l = 0; l < layers_.size(); ++l) {
      const Layer& layer = layers_[l];
      extended.clear();
      for (std::size_t r = 0; r < count; ++r) {
        const auto from = pass.activations[l].begin() + static_cast<std::ptrdiff_t>(r * layer.in);
        extended.insert(extended.end(), from, from + static_cast<std::ptrdiff_t>(layer.in));
        extended.push_back(1);
      }
      kernels::multiply_transposed(extended.data(), extended.data(), inputs_[l].data(),
                                   layer.in + 1, count, layer.in + 1, true);
      kernels::multiply_transposed(pass.deltas[l].data(), pass.deltas[l].data(), deltas_[l].data(),
                                   layer.out, count, layer.out, true);
    }
    pairs += count;
  };
  for_each_pass(model, parameters, rows, kind, random, workspace, add);
  // Every input came once an outcome; the outcomes' deltas carry their probabilities already.
  const float per_pair = 1 / static_cast<float>(pairs);
  const float per_example = 1 / static_cast<float>(rows.size());
  for (auto& matrix : inputs_)
    for (float& x : matrix) x *= per_pair;
  for (auto& matrix : deltas_)
    for (float& x : matrix) x *= per_example;
}

double KroneckerFisher::room(const Network& network) {
  double numbers = 0;
  for (const Layer& layer : network.layers()) {
    const double in = static_cast<double>(layer.in) + 1, out = static_cast<double>(layer.out);
    numbers += in * in + out * out;
  }
  return numbers;
}

double KroneckerFisher::add_product(std::span<const float> direction, float scale,
                                    std::span<float> gradient, Scratch& scratch) const {
  double quadratic = 0;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const std::size_t in = layers_[l].in + 1, out = layers_[l].out;
    const auto delta = direction.subspan(layers_[l].weights, in * out);  // the biases come last
    for (auto* buffer : {&scratch.left, &scratch.product})
      if (buffer->size() < in * out) buffer->resize(in * out);
    if (scratch.transposed.size() < out * out) scratch.transposed.resize(out * out);
    kernels::multiply_transposed(inputs_[l].data(), delta.data(), scratch.left.data(), in, in, out,
                                 false);
    kernels::multiply_by_transpose(scratch.left.data(), deltas_[l].data(), scratch.product.data(),
                                   in, out, out, scratch.transposed.data());
    const auto product = std::span(scratch.product).first(in * out);
    quadratic += kernels::dot(delta, product);
    kernels::add_scaled(product, scale, gradient.subspan(layers_[l].weights, in * out));
  }
  return quadratic;
}

void KroneckerFisher::add_diagonal(std::span<float> diagonal) const {
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const std::size_t in = layers_[l].in + 1, out = layers_[l].out;  // the biases come last
    for (std::size_t i = 0; i < in; ++i)
      for (std::size_t o = 0; o < out; ++o)
        diagonal[layers_[l].weights + i * out + o] +=
            inputs_[l][i * in + i] * deltas_[l][o * out + o];
  }
}

}  // namespace palimpsest
