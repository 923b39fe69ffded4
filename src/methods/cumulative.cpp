#include "../method.hpp"

namespace palimpsest {
namespace {

class Cumulative : public Method {
 public:
  explicit Cumulative(const Settings&) {}
  bool shapes_gradient() const override { return false; }
  Source source() const override { return Source::tasks_so_far; }
};

}  // namespace

MethodEntry cumulative() {
  return {{"cumulative", "cumulative training",
           "Trains on the data of all tasks seen so far, so that nothing old is ever missing.",
           "L(batch of the tasks so far)",
           "Lopez-Paz & Ranzato 2017, section 5",
           {}},
          make_method<Cumulative>};
}

}  // namespace palimpsest
