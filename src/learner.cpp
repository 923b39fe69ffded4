#include "learner.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels.hpp"
#include "penalty.hpp"

namespace palimpsest {

void BatchSampler::start(Range range, std::size_t batch, Random random) {
  order_.resize(range.size());
  for (std::uint32_t i = 0; i < range.size(); ++i) order_[i] = range.begin + i;
  shuffled_ = batch != 0;
  batch_ = batch ? batch : order_.size();
  random_ = random;
  next_ = order_.size();
}

std::span<const std::uint32_t> BatchSampler::next() {
  if (next_ == order_.size()) {
    next_ = 0;
    if (shuffled_) random_->shuffle(order_);
  }
  const std::size_t begin = next_;
  next_ = std::min(begin + batch_, order_.size());
  return std::span(order_).subspan(begin, next_ - begin);
}

Learner::Learner(const Document& document, std::size_t index, const Network& network,
                 std::span<const float> start)
    : document_(document),
      plan_(document.learners[index]),
      network_(network),
      training_{network, document.tasks.train, document.tasks.loss},
      testing_{network, document.tasks.test, document.tasks.loss},
      index_(index),
      settings_(plan_.settings),
      optimizer_(plan_.optimizer, plan_.optimizer_settings, plan_.weight_decay, plan_.decoupled,
                 network.parameters()),
      parameters_(start.begin(), start.end()),
      gradient_(start.size()) {
  const Random random(document.seed, "method");
  const auto add = [&](const MethodEntry& method, const Settings& settings, std::size_t until) {
    turns_.push_back({method.make(settings), random, until});
  };
  for (const EarlierTurn& turn : document.before)
    if (turn.learner == index) add(*turn.method, turn.settings, turn.until);
  add(*plan_.method, settings_, std::numeric_limits<std::size_t>::max());
  const std::size_t tasks = document.tasks.tasks.size();
  curves_.loss.resize(tasks);
  curves_.train_loss.resize(tasks);
  if (document.tasks.loss == Loss::cross_entropy) curves_.accuracy.resize(tasks);
  for (auto* values :
       {&diagnostics_.loss, &diagnostics_.penalty, &diagnostics_.norm, &diagnostics_.cosine})
    values->push_back(std::numeric_limits<double>::quiet_NaN());
  record();
  begin_task();
}

void Learner::train_until(std::size_t step) {
  while (status_ == Status::running && done_ < step) {
    apply_alterations();
    take_turns();
    take_step();
    if (status_ == Status::running && done_ == document_.ends[task_]) end_task();
  }
}

void Learner::apply_alterations() {
  const auto& all = document_.alterations;
  for (; next_alteration_ < all.size() && all[next_alteration_].step <= done_; ++next_alteration_) {
    const Alteration& change = all[next_alteration_];
    if (change.learner != index_) continue;
    settings_.set(change.key, change.value);
    turns_.back().method->configure(settings_);
  }
}

void Learner::take_turns() {
  while (done_ >= turns_[turn_].until) {
    const Range before = source();
    ++turn_;
    tally_.steps = tally_.active = 0;
    tally_.last.reset();
    const Range after = source();
    if (after.begin != before.begin || after.end != before.end) begin_task();
  }
}

Range Learner::source() {
  const auto& tasks = document_.tasks.tasks;
  switch (method().source()) {
    case Source::all_tasks:
      return {0, tasks.back().train.end};
    case Source::tasks_so_far:
      return {0, tasks[task_].train.end};
    case Source::current_task:
      break;
  }
  return tasks[task_].train;
}

void Learner::begin_task() {
  sampler_.start(source(), document_.batch_size, Random(document_.seed, "batches", task_));
}

Step Learner::step(std::span<const std::uint32_t> batch, bool recorded, Random& random) {
  return {training_,      document_.tasks.tasks[task_].train,
          batch,          parameters_,
          loss_gradient_, recorded,
          workspace_,     random};
}

void Learner::take_step() {
  const auto batch = sampler_.next();
  const std::size_t next = done_ + 1;
  const bool recorded = next % document_.record.every == 0 || next == document_.ends[task_];
  const auto rate = optimizer_.plain_rate();
  const auto shapes = [](const Turn& turn) { return turn.method->shapes_gradient(); };
  const bool bare = rate && !recorded && plan_.l1 == 0 && plan_.l2 == 0 &&
                    std::none_of(turns().begin(), turns().end(), shapes);
  const auto [loss, finite] =
      bare ? descend(training_, parameters_, batch, *rate, gradient_, workspace_)
           : shaped_step(batch, recorded);
  for (Turn& turn : turns()) turn.method->after_update(step(batch, recorded, turn.random));
  done_ = next;
  if (!finite || !std::isfinite(loss)) return diverge();
  if (recorded) record();
}

Descent Learner::shaped_step(std::span<const std::uint32_t> batch, bool recorded) {
  const double loss = loss_gradient(training_, parameters_, batch, 1, false, gradient_, workspace_);
  for (const Turn& turn : turns())
    if (turn.method->needs_loss_gradient()) loss_gradient_ = gradient_;
  add_regularisation(parameters_, plan_.l1, plan_.l2, gradient_);
  const auto later = turns().subspan(1);
  for (Turn& turn : later) {
    unused_ = gradient_;
    turn.method->shape_gradient(step(batch, recorded, turn.random), unused_);
  }
  if (recorded) raw_gradient_ = gradient_;
  method().shape_gradient(step(batch, recorded, turns_[turn_].random), gradient_);
  count_projection();
  if (recorded) diagnose(loss);
  return {loss, optimizer_.update(gradient_, parameters_)};
}

void Learner::count_projection() {
  const ProjectionReport* projection = method().projection();
  if (!projection) return;
  ++tally_.steps;
  tally_.active += projection->active;
}

void Learner::diagnose(double loss) {
  const double norm = std::sqrt(kernels::dot(raw_gradient_, raw_gradient_));
  used_norm_ = std::sqrt(kernels::dot(gradient_, gradient_));
  diagnostics_.loss.push_back(loss);
  diagnostics_.penalty.push_back(method().penalty(parameters_));
  diagnostics_.norm.push_back(norm);
  diagnostics_.cosine.push_back(kernels::dot(raw_gradient_, gradient_) / (norm * used_norm_));
}

void Learner::diverge() {
  status_ = Status::diverged;
  for (auto* values :
       {&diagnostics_.loss, &diagnostics_.penalty, &diagnostics_.norm, &diagnostics_.cosine})
    values->resize(curves_.step.size());  // the step that diverged may have no point
}

void Learner::record() {
  curves_.step.push_back(static_cast<double>(done_));
  const auto& tasks = document_.tasks.tasks;
  for (std::size_t j = 0; j < tasks.size(); ++j) {
    const Evaluation test = evaluate(testing_, parameters_, tasks[j].test, workspace_);
    const Evaluation train = evaluate(training_, parameters_, tasks[j].train, workspace_);
    curves_.loss[j].push_back(test.loss);
    curves_.train_loss[j].push_back(train.loss);
    if (!curves_.accuracy.empty()) curves_.accuracy[j].push_back(test.accuracy);
    if (!std::isfinite(test.loss) || !std::isfinite(train.loss)) diverge();
  }
  const ProjectionReport* projection = method().projection();
  if (!projection) return;
  tally_.last = {done_, *projection, diagnostics_.norm.back(), used_norm_,
                 diagnostics_.cosine.back()};
  if (document_.record.gradients) projections_.push_back(*tally_.last);
}

void Learner::end_task() {
  recorded_ends_.push_back(curves_.step.size() - 1);
  ends_.push_back(parameters_);
  if (ends_.size() == document_.tasks.tasks.size()) last_springs_ = method().springs(parameters_);
  for (Turn& turn : turns()) turn.method->end_task(step({}, true, turn.random));
  const auto importance = turns_.back().method->importance();
  if (document_.record.importance) importance_.emplace_back(importance.begin(), importance.end());
  optimizer_.end_task();
  if (++task_ == document_.tasks.tasks.size()) {
    status_ = Status::finished;
    --task_;
  } else {
    begin_task();
  }
}

ResultMatrix Learner::matrix(const std::vector<std::vector<double>>& by_task) const {
  ResultMatrix matrix;
  for (const auto& curve : by_task) matrix.initial.push_back(curve.front());
  for (std::size_t end : recorded_ends_) {
    matrix.after.emplace_back();
    for (const auto& curve : by_task) matrix.after.back().push_back(curve[end]);
  }
  return matrix;
}

Digest Learner::digest() const {
  Digest digest;
  digest.add(std::span<const double>(curves_.step));
  for (const auto* curves : {&curves_.loss, &curves_.train_loss, &curves_.accuracy})
    for (const auto& curve : *curves) digest.add(std::span<const double>(curve));
  digest.add(std::span<const float>(network_.to_document_order(parameters_)));
  return digest;
}

}  // namespace palimpsest
