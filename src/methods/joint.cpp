#include "../method.hpp"

namespace palimpsest {
namespace {

class Joint : public Method {
 public:
  explicit Joint(const Settings&) {}
  bool shapes_gradient() const override { return false; }
  Source source() const override { return Source::all_tasks; }
};

}  // namespace

MethodEntry joint() {
  return {{"joint", "joint training",
           "Trains on all tasks’ data together from the start: the reference that a sequential learner cannot see.",
           "L(batch of all tasks)",
           "Caruana 1997",
           {}},
          make_method<Joint>};
}

}  // namespace palimpsest
