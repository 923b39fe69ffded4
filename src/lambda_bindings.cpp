// The conversion of a λ for JavaScript, under lambda.js: a module of its own, since the page has no
// use for it.
#include "exchange.hpp"
#include "lambda.hpp"

namespace palimpsest {

EXPORT(lambda) const void* answer_lambda() { return answer_to(convert_lambda); }

}  // namespace palimpsest
