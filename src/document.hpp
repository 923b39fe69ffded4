// The experiment document: read, checked, and filled in.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "catalogue.hpp"
#include "optimizer.hpp"

namespace palimpsest {

// What one learner adds to the shared loop.
struct LearnerPlan {
  const MethodEntry* method = nullptr;
  Settings settings;
  std::string optimizer;
  Settings optimizer_settings;
  double l1 = 0, l2 = 0, weight_decay = 0;
  bool decoupled = false;
};

// A method by which a learner is trained before its own, until `until` steps have been done.
struct EarlierTurn {
  std::size_t learner = 0, until = 0;
  const MethodEntry* method = nullptr;
  Settings settings;
};

// A live parameter changed by hand after `step` steps.
struct Alteration {
  std::size_t step = 0, learner = 0;
  std::string key;
  Value value;
};

struct RecordPlan {
  std::size_t every = 50;
  bool parameters = true, importance = false, gradients = false;
};

// A document without faults, ready to run.
struct Document {
  std::uint64_t seed = 1;
  TaskSequence tasks;
  std::vector<std::size_t> widths;  // of the network: inputs, hidden layers …, outputs
  Activation activation = Activation::tanh;
  Initialization initialization = Initialization::uniform;
  std::vector<float> parameters;  // θ in the document's order; empty: drawn from the seed
  std::size_t batch_size = 32;    // 0: the whole training set, in its order
  std::vector<std::size_t> ends;  // by task: how many steps have been done when it is finished
  std::vector<LearnerPlan> learners;
  std::vector<EarlierTurn> before;  // in turn, of each learner
  RecordPlan record;
  std::vector<Alteration> alterations;  // by step
  Object resolved;                      // the document with every default filled in
};

// Reads a document. Where `faults` stays empty the result can be run; where it does not, the result
// is nullptr and every fault found is there. `sets`: the images that tasks may be made of.
std::unique_ptr<Document> read_document(const Value& value, const ImageSets& sets, Faults& faults);

// The image sets that a document asks for, a sweep's too: the values of tasks.data.
std::vector<std::string> image_sets_of(const Value& document);

// Checks a change of a learner's parameter while it runs.
Faults check_alteration(const Document& document, std::size_t learner, const std::string& key,
                        const Value& value);

// The alteration in the document's form.
Value describe(const Alteration& alteration);

}  // namespace palimpsest
