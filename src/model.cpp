#include "model.hpp"

#include <algorithm>

#include "elementary.hpp"

namespace palimpsest {
namespace {

// exp(z − max z) in place; returns the sum and the maximum.
struct Exponentials {
  float sum, maximum;
};

Exponentials exponentiate(std::span<float> logits, const elementary::Exp<vec4>& exp) {
  float maximum = logits[0];
  for (float z : logits) maximum = z > maximum ? z : maximum;
  std::size_t i = 0;
  for (; i + 4 <= logits.size(); i += 4) store(&logits[i], exp(load(&logits[i]) - maximum));
  for (; i < logits.size(); ++i) logits[i] = exp(broadcast(logits[i] - maximum))[0];
  float sum = 0;
  for (float z : logits) sum += z;
  return {sum, maximum};
}

double squared_error(std::span<const float> outputs, std::span<const float> targets, float scale,
                     std::span<float> deltas) {
  double sum = 0;
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const float error = outputs[k] - targets[k];
    sum += static_cast<double>(error) * error;
    deltas[k] = scale * error;
  }
  return sum;
}

// −log softmax(outputs)[label] = log Σ e^(z − max) − (z_label − max), within the row's head.
double negative_log_likelihood(std::span<const float> outputs, std::uint32_t label, float scale,
                               const elementary::Exp<vec4>& exp, std::span<float> deltas) {
  std::copy(outputs.begin(), outputs.end(), deltas.begin());
  const auto [sum, maximum] = exponentiate(deltas, exp);
  const double loss = elementary::log(static_cast<double>(sum)) -
                      (static_cast<double>(outputs[label]) - static_cast<double>(maximum));
  const float inverse = 1 / sum;
  for (float& p : deltas) p *= inverse;
  deltas[label] -= 1;
  for (float& delta : deltas) delta *= scale;
  return loss;
}

}  // namespace

void softmax(std::span<float> logits) {
  const float inverse = 1 / exponentiate(logits, {}).sum;
  for (float& p : logits) p *= inverse;
}

double loss_and_deltas(Loss loss, const Examples& data, std::span<const std::uint32_t> rows,
                       std::span<const float> outputs, float weight, std::span<float> deltas) {
  const std::size_t count = rows.size(), width = outputs.size() / count;
  double sum = 0;
  if (loss == Loss::mse) {
    const float scale = 2 * weight / static_cast<float>(count * width);
    for (std::size_t r = 0; r < count; ++r)
      sum += squared_error(outputs.subspan(r * width, width), data.target(rows[r]), scale,
                           deltas.subspan(r * width, width));
    return sum / static_cast<double>(count * width);
  }
  const float scale = weight / static_cast<float>(count);
  const auto exp = held(elementary::Exp<vec4>());
  if (!data.heads.empty()) std::fill(deltas.begin(), deltas.end(), 0.0f);
  for (std::size_t r = 0; r < count; ++r) {
    const Head head = data.head(rows[r], width);
    const std::size_t at = r * width + head.first;
    sum +=
        negative_log_likelihood(outputs.subspan(at, head.count), data.labels[rows[r]] - head.first,
                                scale, exp, deltas.subspan(at, head.count));
  }
  return sum / static_cast<double>(count);
}

namespace {

// The loss, with ∂L/∂z of every layer left in the workspace.
double there_and_back(const Model& model, std::span<const float> parameters,
                      std::span<const std::uint32_t> rows, float weight, Workspace& workspace) {
  const auto outputs = model.network.forward(parameters, model.data, rows, workspace);
  const double loss = loss_and_deltas(model.loss, model.data, rows, outputs, weight,
                                      {workspace.deltas.back().data(), outputs.size()});
  model.network.backward(parameters, rows.size(), workspace);
  return loss;
}

}  // namespace

double loss_gradient(const Model& model, std::span<const float> parameters,
                     std::span<const std::uint32_t> rows, float weight, bool accumulate,
                     std::span<float> gradient, Workspace& workspace, const InputIndex* index) {
  const double loss = there_and_back(model, parameters, rows, weight, workspace);
  model.network.gradient(workspace, rows.size(), accumulate, gradient, index);
  return loss;
}

Descent descend(const Model& model, std::span<float> parameters,
                std::span<const std::uint32_t> rows, float rate, std::span<float> scratch,
                Workspace& workspace) {
  const double loss = there_and_back(model, parameters, rows, 1, workspace);
  return {loss, model.network.descend(workspace, rows.size(), rate, parameters, scratch)};
}

Evaluation evaluate(const Model& model, std::span<const float> parameters, Range range,
                    Workspace& workspace) {
  constexpr std::uint32_t kBlock = 256;
  Evaluation total;
  for (std::uint32_t begin = range.begin; begin < range.end; begin += kBlock) {
    const auto rows = model.data.rows({begin, std::min(begin + kBlock, range.end)});
    const auto outputs = model.network.forward(parameters, model.data, rows, workspace);
    const std::size_t width = model.network.outputs();
    total.loss += static_cast<double>(rows.size()) *
                  loss_and_deltas(model.loss, model.data, rows, outputs, 1,
                                  {workspace.deltas.back().data(), outputs.size()});
    for (std::size_t r = 0; model.loss == Loss::cross_entropy && r < rows.size(); ++r) {
      const Head head = model.data.head(rows[r], width);
      const auto row = outputs.subspan(r * width + head.first, head.count);
      const auto best = std::max_element(row.begin(), row.end());
      total.accuracy += best == row.begin() + (model.data.labels[rows[r]] - head.first);
    }
  }
  return {total.loss / range.size(), total.accuracy / range.size()};
}

}  // namespace palimpsest
