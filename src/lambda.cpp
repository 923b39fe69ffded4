#include "lambda.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace palimpsest {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// A code base's importance of the weights, by ours: theirs = ratio × ours of kind `fisher`.
struct Importance {
  std::string_view fisher;  // empty for methods that have no kinds
  double ratio;             // kNone: no constant one
  bool exact;
  std::string reason;
};

// One method of one code base, whose objective is
//   its loss + coefficient · λ · Σ_tasks Σ_i importance_i (θ_i − θ*_i)²
// (of lwf: + coefficient · λ · its distance between the outputs).
struct Rule {
  std::string_view repository, method;
  std::string_view parameter;  // what its λ is called
  double coefficient;
  std::string_view formula, importance;
  std::string_view source;         // file and commit, or equation
  std::string_view consolidation;  // "separate", "online" or "both", its default first
  bool mse;                        // whether it trains on more than classes
  double damping;                  // of si: its ξ; 0 where the user has to choose
  Importance (*compare)(const Settings&);
};

double count(const Settings& asked, std::string_view key) { return asked.number(key); }

Importance same(const Settings&) { return {"", 1, true, "its importance is ours"}; }

// Of losses that are −log p: for the unit Gaussian ½‖f − y‖², K/2 times our mean over K outputs.
// The whole objective is scaled back, so the penalty is too.
Importance paper_ewc(const Settings& asked) {
  if (asked.choice("loss") == "cross_entropy")
    return {"exact", 1, true, "F is the Fisher information of the model’s own predictions"};
  const double outputs = count(asked, "outputs");
  return {"exact", 2 / outputs, true,
          "its loss is −log p = ½‖f − y‖², which is K/2 = " + describe(outputs / 2) +
              " times the mean squared error here, so that the same balance needs 2/K of its λ "
              "(and K/2 times its learning rate)"};
}

Importance gem_ewc(const Settings&) {
  return {"batch", 1, true,
          "it squares the mean gradient over its memory of the task (the first n_memories examples "
          "seen), which is no Fisher information but fisher \"batch\"; the two agree where the "
          "memory holds the task’s whole training set"};
}

// The mean over batches of B of the squared mean gradient, over N examples. Over random batches its
// expectation is a·(mean of the examples' squares) + (1 − a)·(square of their mean), with
// a = (N − B)/(B(N − 1)) (the variance of a mean drawn without replacement).
Importance batch_squares(const Settings& asked) {
  const double batch = count(asked, "batch_size");
  if (batch == 1)
    return {"empirical", 1, true, "with batches of 1 it squares every example’s gradient"};
  const bool known = asked.given("examples");
  const double examples = known ? count(asked, "examples") : 0;
  if (known && batch >= examples)
    return {"batch", 1, true,
            "its one batch holds all examples, so that it squares their mean gradient: no Fisher "
            "information, but fisher \"batch\""};
  const double share = known ? (examples - batch) / (batch * (examples - 1)) : 1 / batch;
  return {"empirical", share, false,
          "it squares the mean gradient of every batch of B: that has no constant ratio to the "
          "squares of the examples; over random batches it is expected to be a·empirical + "
          "(1 − a)·batch with a = " +
              std::string(known ? "(N − B)/(B(N − 1))" : "1/B") + " = " + describe(share) +
              ", and the second part vanishes where the task’s mean gradient has"};
}

Importance scaled(Importance importance, double ratio, const std::string& reason) {
  importance.ratio *= ratio;
  importance.reason += "; " + reason;
  return importance;
}

// The criterion's own gradient is squared: (2/K)² of ½‖f − y‖²'s for PyTorch's mean squared error.
Importance avalanche_ewc(const Settings& asked) {
  const Importance importance = batch_squares(asked);
  if (asked.choice("loss") == "cross_entropy") return importance;
  const double outputs = count(asked, "outputs");
  return scaled(importance, 4 / (outputs * outputs),
                "its gradient is the mean squared error’s, 2/K of the Gaussian’s −log p, squared "
                "4/K²");
}

Importance predicted(Importance importance) {
  importance.exact = false;
  importance.reason +=
      "; its label is the class that the network finds most likely, which is the "
      "data’s where the task has been learned";
  return importance;
}

Importance gt_ripl_ewc(const Settings& asked) {
  const double batch = count(asked, "batch_size");
  const bool one = asked.given("examples") && batch >= count(asked, "examples");
  const double size = one ? count(asked, "examples") : batch;
  const Importance importance = batch_squares(asked);
  if (size == 1) return predicted(importance);
  return predicted(
      scaled(importance, size,
             "it multiplies each batch’s square by the batch’s size, " + describe(size)));
}

// Its sum is divided by the last index of the loop over batches, one less than their number (unless
// its --fisher-n ends the loop).
Importance van_de_ven_ewc(const Settings& asked) {
  const std::string& labels = asked.given("labels") ? asked.choice("labels") : "all";
  const double batch = asked.given("batch_size") ? count(asked, "batch_size") : 1;
  Importance importance =
      labels == "all" ? Importance{"exact", 1, true, "it takes every label with its probability"}
      : labels == "sample" ? Importance{"sampled", 1, true, "it draws one label from the model"}
      : batch > 1          ? batch_squares(asked)
                           : Importance{"empirical", 1, true, "it takes the data’s labels"};
  if (labels == "pred") importance = predicted(importance);
  if (!asked.given("examples")) {
    importance.reason +=
        "; the sum over its passes is divided by one less than their number, which "
        "is left out here: --examples tells it";
    importance.exact = false;
    return importance;
  }
  const double passes = std::ceil(count(asked, "examples") / batch);
  if (passes == 1)
    return {importance.fisher, kNone, false,
            "it divides the sum over its passes by one less than their number, which is 0"};
  return scaled(
      importance, passes / (passes - 1),
      "the sum over its " + describe(passes) + " passes is divided by " + describe(passes - 1));
}

// Σ over examples of p_y (∂ log p_y/∂θ)², over the number of batches times the batch's size.
Importance mammoth_ewc(const Settings& asked) {
  Importance importance{"empirical", 1, false,
                        "it weighs each example’s square at the data’s label y by p(y|x): no "
                        "constant ratio, but 1 in the limit of a task that has been learned, and "
                        "less before"};
  if (!asked.given("examples") || !asked.given("batch_size")) return importance;
  const double examples = count(asked, "examples"), batch = count(asked, "batch_size");
  const double counted = std::ceil(examples / batch) * batch;
  if (counted == examples) return importance;
  return scaled(importance, examples / counted,
                "the sum over " + describe(examples) + " examples is divided by " +
                    describe(counted) + ", as if the last batch were full");
}

Importance si(const Settings&) {
  return {"", 1, false,
          "Ω is ours, but for weights whose ω is negative: their Ω is negative there "
          "and 0 here"};
}

Importance paper_si(const Settings&) {
  return {
      "", 1, false,
      "Ω is ours, but for weights whose ω is negative: its eq. 5 adds up every task’s as it is, "
      "its authors’ code (ganguli-lab/pathint, pathint/protocols.py at 34c06d0) cuts the sum "
      "off at 0, ours every task’s ω"};
}

Importance si_with_penalty(const Settings& asked) {
  Importance importance = si(asked);
  importance.reason +=
      "; from the second task on its ω counts the penalty’s gradient too, ours the "
      "loss’s alone";
  return importance;
}

Importance avalanche_si(const Settings& asked) {
  Importance importance = si_with_penalty(asked);
  importance.reason += "; it cuts Ω off at 0.001";
  return importance;
}

Importance by_example(const Settings& asked, std::string reason) {
  if (count(asked, "batch_size") == 1) return {"", 1, true, "with batches of 1 " + reason};
  return {"", kNone, false,
          "it takes the absolute value of every batch’s mean gradient, not of every example’s, "
          "which may be anything from 0 to the same: there is a factor for batches of 1 alone"};
}

Importance avalanche_mas(const Settings& asked) {
  Importance importance = by_example(asked, "its Ω is ours while one task is finished");
  importance.exact = false;
  importance.reason +=
      "; with every further task it becomes α·Ω + (1 − α)·(the new one), where ours "
      "adds them up";
  return importance;
}

Importance paper_mas(const Settings&) {
  return {"", 1, true,
          "its importance is ours; its authors’ code (rahafaljundi/MAS-Memory-Aware-Synapses, "
          "MAS_based_Training.py at 604625e) adds up a batch’s gradients before it takes the "
          "absolute value, so it agrees with batches of 1"};
}

Importance gt_ripl_mas(const Settings& asked) {
  const double outputs = count(asked, "outputs");
  return scaled(
      by_example(asked, "it takes every example’s gradient"), 1 / outputs,
      "it averages the squared outputs where ours adds them up: 1/K = 1/" + describe(outputs));
}

Importance distillation(const Settings& asked) {
  const double temperature = asked.number("temperature");
  return {"", 1 / (temperature * temperature), true,
          "its distance lacks the T² = " + describe(temperature * temperature) +
              " that keeps the gradient’s size from falling with the temperature"};
}

Importance paper_lwf(const Settings& asked) {
  Importance importance = distillation(asked);
  importance.reason +=
      " (in its authors’ code too: lizhitwo/LearningWithoutForgetting, vl_nnsoftmaxdiff.m at "
      "5b92411)";
  return importance;
}

Importance mammoth_lwf(const Settings& asked) {
  Importance importance = distillation(asked);
  importance.exact = false;
  importance.reason +=
      "; its old outputs are taken after a warm-up of the last layer on the new task";
  return importance;
}

constexpr Choice kRepositories[] = {
    {"palimpsest", "this one"},
    {"paper", "the method’s paper"},
    {"gem", "facebookresearch/GradientEpisodicMemory"},
    {"avalanche", "ContinualAI/avalanche"},
    {"van-de-ven", "GMvandeVen/continual-learning"},
    {"mammoth", "aimagelab/mammoth"},
    {"gt-ripl", "GT-RIPL/Continual-Learning-Benchmark"},
};

const Rule kRules[] = {
    {"paper", "ewc", "λ", 0.5, "(λ/2)·Σ F (θ − θ*)²", "the diagonal of the Fisher information",
     "Kirkpatrick et al. 2017, eq. 3", "separate", true, 0, paper_ewc},
    {"paper", "si", "c", 1, "c·Σ Ω (θ − θ*)²", "Ω = Σ_tasks ω/(Δ² + ξ)",
     "Zenke, Poole & Ganguli 2017, eq. 4 and 5", "", true, 0.1, paper_si},
    {"paper", "mas", "λ", 1, "λ·Σ Ω (θ − θ*)²", "mean over examples of |∂‖f‖²/∂θ|",
     "Aljundi et al. 2018, eq. 2 to 4", "", true, 0, paper_mas},
    {"paper", "lwf", "λ_o", 1, "λ_o·H(p_old^(1/T), p^(1/T))", "cross-entropy of softened outputs",
     "Li & Hoiem 2016, eq. 2 to 4", "", false, 0, paper_lwf},
    {"gem", "ewc", "memory_strength", 1, "λ·Σ F (θ − θ*)²",
     "squared gradient of the mean loss over the task’s memory, data’s labels",
     "model/ewc.py at 34c6b8e", "separate", false, 0, gem_ewc},
    {"avalanche", "ewc", "ewc_lambda", 1, "λ·Σ F (θ − θ*)²",
     "mean over batches of the squared gradient of the batch’s mean loss, data’s labels",
     "avalanche/training/plugins/ewc.py at eb075be", "both", true, 0, avalanche_ewc},
    {"avalanche", "si", "si_lambda", 0.5, "(λ/2)·Σ Ω (θ − θ*)²",
     "Ω = min(Σ_tasks ω/(Δ² + ε), 0.001)",
     "avalanche/training/plugins/synaptic_intelligence.py at eb075be", "", true, 1e-7,
     avalanche_si},
    {"avalanche", "mas", "lambda_reg", 1, "λ·Σ Ω (θ − θ*)²",
     "mean over batches of |∂(batch’s mean of ‖f‖²)/∂θ|; Ω ← α·Ω + (1 − α)·new",
     "avalanche/training/plugins/mas.py at eb075be", "", true, 0, avalanche_mas},
    {"avalanche", "lwf", "alpha", 1, "α·KL(p_old^(1/T) ‖ p^(1/T))", "mean over the batch",
     "avalanche/training/regularization.py at eb075be", "", false, 0, distillation},
    {"van-de-ven", "ewc", "--lambda", 0.5, "(λ/2)·Σ F (θ − θ*)²",
     "squared gradients of −log p by --fisher-labels, one example at a time or by --fisher-batch",
     "models/cl/continual_learner.py at e6d795a", "both", false, 0, van_de_ven_ewc},
    {"van-de-ven", "si", "--c", 1, "c·Σ Ω (θ − θ*)²", "Ω = Σ_tasks ω/(Δ² + ε)",
     "models/cl/continual_learner.py at e6d795a", "", false, 0.1, si_with_penalty},
    {"mammoth", "ewc", "--e_lambda", 1, "λ·Σ F (θ − θ*)²",
     "squared gradient of every example, data’s labels, times p(y|x)",
     "models/ewc_on.py at e75a491", "online", false, 0, mammoth_ewc},
    {"mammoth", "si", "--c", 1, "c·Σ Ω (θ − θ*)²", "Ω = Σ_tasks ω/(Δ² + ξ)",
     "models/si.py at e75a491", "", false, 0, si},
    {"mammoth", "lwf", "--alpha", 1, "α·H(p_old^(1/T), p^(1/T))", "mean over the batch",
     "models/lwf.py at e75a491", "", false, 0, mammoth_lwf},
    {"gt-ripl", "ewc", "--reg_coef", 1, "λ·Σ F (θ − θ*)²",
     "mean over batches of B times the squared gradient of the batch’s mean loss, at the most "
     "likely "
     "labels",
     "agents/regularization.py at d78b997", "both", false, 0, gt_ripl_ewc},
    {"gt-ripl", "l2", "--reg_coef", 1, "λ·Σ (θ − θ*)²", "1", "agents/regularization.py at d78b997",
     "online", false, 0, same},
    {"gt-ripl", "si", "--reg_coef", 1, "c·Σ Ω (θ − θ*)²", "Ω = Σ_tasks ω/(Δ² + ξ)",
     "agents/regularization.py at d78b997", "", false, 0.1, si},
    {"gt-ripl", "mas", "--reg_coef", 1, "λ·Σ Ω (θ − θ*)²",
     "mean over batches of |∂(mean of f² over the batch and its outputs)/∂θ|, added up over tasks",
     "agents/regularization.py at d78b997", "", false, 0, gt_ripl_mas},
};

std::string_view name_of(std::string_view key) {
  for (const Choice& repository : kRepositories)
    if (repository.value == key) return repository.label;
  return key;
}

bool is_ours(std::string_view repository) { return repository == "palimpsest"; }

const Rule* find_rule(std::string_view repository, std::string_view method) {
  for (const Rule& rule : kRules)
    if (rule.repository == repository && rule.method == method) return &rule;
  return nullptr;
}

// What stands before λ·Σ importance·(θ − θ*)² here.
double our_coefficient(std::string_view method) {
  return method == "ewc" || method == "l2" ? 0.5 : 1;
}

std::string lists(std::string_view consolidation) {
  return consolidation == "both" ? "one of separate, online" : std::string(consolidation);
}

bool depends_on_batch(const Rule& rule, const Settings& asked) {
  if (rule.repository == "van-de-ven")
    return rule.method == "ewc" && asked.given("batch_size") && asked.number("batch_size") > 1;
  return (rule.repository == "avalanche" || rule.repository == "gt-ripl") &&
         (rule.method == "ewc" || rule.method == "mas");
}

bool depends_on_outputs(const Rule& rule, const Settings& asked) {
  const bool mse = rule.mse && asked.choice("loss") == "mse";
  return (rule.repository == "gt-ripl" && rule.method == "mas") || (mse && rule.method == "ewc");
}

void require(const Settings& asked, std::string_view key, const Rule& rule, Faults& faults) {
  if (!asked.given(key))
    faults.push_back(std::string(key) + ": must be given: the factor of " +
                     std::string(rule.repository) + "'s " + std::string(rule.method) +
                     " depends on it");
}

// The faults of the question for one code base.
void check(const Rule& rule, const Settings& asked, Faults& faults) {
  if (depends_on_batch(rule, asked)) require(asked, "batch_size", rule, faults);
  if (depends_on_outputs(rule, asked)) require(asked, "outputs", rule, faults);
  if (asked.choice("loss") == "mse" && !rule.mse)
    faults.push_back(must_be("loss", "cross_entropy for " + std::string(rule.repository), "mse"));
  const std::string* wanted =
      asked.given("consolidation") ? &asked.choice("consolidation") : nullptr;
  if (wanted && rule.consolidation != "both" && rule.consolidation != *wanted)
    faults.push_back(
        rule.consolidation.empty()
            ? "consolidation: is no choice for " + std::string(rule.method)
            : must_be("consolidation",
                      lists(rule.consolidation) + " for " + std::string(rule.repository), *wanted));
  if (rule.repository == "gt-ripl" && asked.number("gamma") != 1)
    faults.push_back(must_be("gamma", "1 for gt-ripl", asked.number("gamma")));
  const bool labels = rule.repository == "van-de-ven" && rule.method == "ewc";
  if (labels && depends_on_batch(rule, asked) &&
      (!asked.given("labels") || asked.choice("labels") == "all" ||
       asked.choice("labels") == "sample"))
    faults.push_back("batch_size: must be 1 for van-de-ven, unless labels is pred or true");
}

const Rule* read_rule(std::string_view repository, const Settings& asked, Faults& faults) {
  if (is_ours(repository)) return nullptr;
  const std::string& method = asked.choice("method");
  if (const Rule* rule = find_rule(repository, method)) {
    check(*rule, asked, faults);
    return rule;
  }
  std::string known;
  for (const Rule& rule : kRules)
    if (rule.repository == repository)
      known += (known.empty() ? "" : ", ") + std::string(rule.method);
  faults.push_back(
      must_be("method", "one of " + known + " for " + std::string(repository), method));
  return nullptr;
}

// One code base's λ in terms of ours: ours = factor × theirs.
struct Comparison {
  const Rule* rule = nullptr;  // nullptr: this code base
  Importance importance{"", 1, true, ""};
  double factor = 1;
  std::string consolidation;
  std::string reason;
};

std::string fraction(double coefficient) { return coefficient == 0.5 ? "a ½" : "no ½"; }

Comparison compare(const Rule& rule, const Settings& asked) {
  Comparison result;
  const double ours = our_coefficient(rule.method);
  result.rule = &rule;
  result.importance = rule.compare(asked);
  result.factor = rule.coefficient / ours * result.importance.ratio;
  result.reason = std::string(rule.repository) + ": ";
  if (rule.method != "lwf")
    result.reason += "its penalty has " + fraction(rule.coefficient) +
                     (rule.coefficient == ours ? ", as here" : ", ours " + fraction(ours)) + "; ";
  result.reason += result.importance.reason;
  if (rule.consolidation.empty()) return result;
  result.consolidation = asked.given("consolidation")     ? asked.choice("consolidation")
                         : rule.consolidation == "online" ? "online"
                                                          : "separate";
  const bool online = result.consolidation == "online";
  result.reason +=
      online ? "; one penalty follows the latest task" : "; it adds up one penalty a task";
  if (online && rule.repository == "van-de-ven" && asked.number("gamma") != 1) {
    result.factor *= asked.number("gamma");
    result.reason += ", its Fisher multiplied by γ once more where it is used";
  }
  return result;
}

Value or_null(double number) { return std::isfinite(number) ? Value(number) : Value(); }

// As methods[i] of an experiment document has it; its λ null where there is none.
Object method_here(const Settings& asked, const Comparison& from, const Comparison& to,
                   double lambda) {
  const std::string& method = asked.choice("method");
  const Comparison& other = from.rule ? from : to;
  Object here{{"kind", method}, {method == "si" ? "c" : "lambda", or_null(lambda)}};
  if (!other.importance.fisher.empty()) here.emplace_back("fisher", other.importance.fisher);
  if (other.rule && other.rule->repository == "gem" && asked.given("examples"))
    here.emplace_back("fisher_samples", asked.number("examples"));
  if (!other.consolidation.empty()) here.emplace_back("consolidation", other.consolidation);
  if (method == "ewc" && other.consolidation == "online")
    here.emplace_back("gamma", asked.number("gamma"));
  const double damping = asked.given("xi") ? asked.number("xi")
                         : other.rule      ? other.rule->damping
                                           : 0;
  if (method == "si" && damping > 0) here.emplace_back("xi", damping);
  if (method == "lwf") here.emplace_back("temperature", asked.number("temperature"));
  return here;
}

Object show(const Rule& rule) {
  return {{"repository", name_of(rule.repository)},
          {"method", rule.method},
          {"parameter", rule.parameter},
          {"formula", rule.formula},
          {"importance", rule.importance},
          {"source", rule.source}};
}

// One adds up a penalty for every task, the other has one: the same only until the second task
// ends.
bool summed_alike(const Comparison& from, const Comparison& to) {
  return !from.rule || !to.rule || from.consolidation == to.consolidation;
}

bool comparable(const Comparison& from, const Comparison& to) {
  return !from.rule || !to.rule || from.importance.fisher == to.importance.fisher;
}

std::string reason(const Comparison& from, const Comparison& to) {
  std::string text = from.reason;
  if (!to.reason.empty()) text += (text.empty() ? "" : "; ") + to.reason;
  if (text.empty()) text = "the same code base";
  if (!comparable(from, to))
    text += "; the two importances are of different kinds (fisher \"" +
            std::string(from.importance.fisher) + "\" and \"" + std::string(to.importance.fisher) +
            "\"), which have no constant ratio";
  if (!summed_alike(from, to)) text += "; so they are the same until the second task ends";
  return text;
}

Value answer(const Settings& asked, const Comparison& from, const Comparison& to) {
  const double value = asked.number("value");
  const double factor = comparable(from, to) ? from.factor / to.factor : kNone;
  Array compared;
  for (const Comparison* side : {&from, &to})
    if (side->rule) compared.push_back(show(*side->rule));
  const bool exact = from.importance.exact && to.importance.exact && summed_alike(from, to) &&
                     std::isfinite(factor);
  return Object{{"value", value},
                {"from", asked.choice("from")},
                {"to", asked.choice("to")},
                {"factor", or_null(factor)},
                {"result", or_null(factor * value)},
                {"exact", exact},
                {"here", method_here(asked, from, to, from.factor * value)},
                {"compared", std::move(compared)},
                {"reason", reason(from, to)}};
}

// avalanche for ContinualAI/avalanche.
Value with_keys(const Value& question) {
  Value result = question;
  if (Object* object = result.as<Object>())
    for (auto& [key, value] : *object)
      if (const std::string* name = value.as<std::string>(); name && (key == "from" || key == "to"))
        for (const Choice& repository : kRepositories)
          if (repository.label == *name) {
            value = repository.value;
            break;
          }
  return result;
}

constexpr Choice kMethods[] = {{"ewc"}, {"l2"}, {"si"}, {"mas"}, {"lwf"}};
constexpr Choice kLosses[] = {{"cross_entropy"}, {"mse"}};
constexpr Choice kLabels[] = {{"all"}, {"sample"}, {"pred"}, {"true"}};
constexpr Choice kPenalties[] = {{"separate"}, {"online"}};

constexpr Parameter whole(std::string_view key, std::string_view help) {
  return {.key = key,
          .help = help,
          .type = Type::integer,
          .fallback = {},
          .minimum = 1,
          .maximum = 1e9};
}

}  // namespace

const std::vector<Parameter>& lambda_parameters() {
  static const std::vector<Parameter> parameters = {
      {.key = "value", .help = "the λ to convert", .fallback = 0, .minimum = 0, .maximum = 1e12},
      {.key = "from",
       .help = "whose λ it is, by its short name or as on GitHub",
       .type = Type::choice,
       .fallback = "palimpsest",
       .choices = kRepositories},
      {.key = "to",
       .help = "whose λ is wanted",
       .type = Type::choice,
       .fallback = "palimpsest",
       .choices = kRepositories},
      {.key = "method",
       .help = "ewc, l2, si, mas or lwf",
       .type = Type::choice,
       .fallback = "ewc",
       .choices = kMethods},
      {.key = "loss",
       .help = "what the networks are trained on",
       .type = Type::choice,
       .fallback = "cross_entropy",
       .choices = kLosses},
      whole("batch_size", "the batches of the other code base’s importance"),
      whole("examples", "how many examples its importance is computed on"),
      whole("outputs", "how many outputs the network has"),
      {.key = "labels",
       .help = "van-de-ven’s --fisher-labels",
       .type = Type::choice,
       .fallback = {},
       .choices = kLabels},
      {.key = "consolidation",
       .help = "one penalty a task, or one that follows the latest",
       .type = Type::choice,
       .fallback = {},
       .choices = kPenalties},
      {.key = "gamma",
       .help = "the decay of an online penalty",
       .fallback = 1,
       .minimum = 1e-9,
       .maximum = 1},
      {.key = "temperature", .help = "lwf’s", .fallback = 2, .minimum = 0.1, .maximum = 100},
      {.key = "xi", .help = "si’s damping", .fallback = {}, .minimum = 1e-9, .maximum = 1000}};
  return parameters;
}

Value convert_lambda(const Value& question, Faults& faults) {
  const Settings asked = read_settings("", with_keys(question), lambda_parameters(), {}, faults);
  if (!question.as<Object>()) return {};
  if (!question.find("value")) faults.push_back("value: must be given: the λ to convert");
  const Rule* from = read_rule(asked.choice("from"), asked, faults);
  const Rule* to = read_rule(asked.choice("to"), asked, faults);
  if (!faults.empty()) return {};
  return answer(asked, from ? compare(*from, asked) : Comparison(),
                to ? compare(*to, asked) : Comparison());
}

}  // namespace palimpsest
