#include "../method.hpp"

namespace palimpsest {
namespace {

class Finetune : public Method {
 public:
  explicit Finetune(const Settings&) {}
  bool shapes_gradient() const override { return false; }
};

}  // namespace

MethodEntry finetune() {
  return {{"finetune", "fine-tuning",
           "Trains on one task after the other and does nothing else: the baseline that forgets.",
           "L(batch)",
           "McCloskey & Cohen 1989",
           {}},
          make_method<Finetune>};
}

}  // namespace palimpsest
