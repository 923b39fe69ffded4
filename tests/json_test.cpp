// Between JSON and documents.
#include "json.hpp"

#include <cmath>
#include <limits>

#include "support.hpp"

using namespace support;

namespace {

std::string fault_of(const std::string& text) {
  Faults faults;
  parse_json(text, faults);
  REQUIRE(faults.size() == 1);
  return faults.front();
}

std::string rewritten(const std::string& text) {
  Faults faults;
  const Value value = parse_json(text, faults);
  REQUIRE(faults == Faults{});
  return write_json(value);
}

// Every float's or double's bit pattern has the same chance, what is not finite left out.
double any_double(Random& random) {
  for (;;) {
    const double x = from_bits(static_cast<std::int64_t>(random.bits()));
    if (std::isfinite(x)) return x;
  }
}

float any_float(Random& random) {
  for (;;) {
    const float x = from_bits(static_cast<std::int32_t>(random.bits()));
    if (std::isfinite(x)) return x;
  }
}

}  // namespace

TEST_CASE("json: every double comes back with the same bits") {
  Random random(1, "json");
  Numbers numbers = {0.0,  -0.0, 0.1, 1.0 / 3, 1e21, -1e300, 5e-324, 0x1p53, 0x1p53 + 2, 0x1p63,
                     1e17, std::numeric_limits<double>::max(), std::numeric_limits<double>::min()};
  while (numbers.size() < 20'000) numbers.push_back(any_double(random));
  Faults faults;
  const Value read = parse_json(write_json(numbers), faults);
  REQUIRE(faults == Faults{});
  REQUIRE(read.as<Numbers>()->size() == numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i)
    REQUIRE(bits((*read.as<Numbers>())[i]) == bits(numbers[i]));
}

TEST_CASE("json: every float comes back with the same bits") {
  Random random(2, "json");
  Floats floats = {0.0f, -0.0f, 0.1f, 1.0f / 3, std::numeric_limits<float>::max(), 1e-45f};
  while (floats.size() < 20'000) floats.push_back(any_float(random));
  Faults faults;
  const Value read = parse_json(write_json(floats), faults);
  REQUIRE(faults == Faults{});
  for (std::size_t i = 0; i < floats.size(); ++i)
    REQUIRE(bits(static_cast<float>((*read.as<Numbers>())[i])) == bits(floats[i]));
}

TEST_CASE("json: what is not finite is null, whole numbers have no point, -0 keeps its sign") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(write_json(Numbers{nan, infinity, -infinity, 1, -0.0, 0, 1e6, 0.5}) ==
        "[null,null,null,1,-0.0,0,1000000,0.5]");
  CHECK(write_json(Floats{std::numeric_limits<float>::quiet_NaN(), 2}) == "[null,2]");
  CHECK(write_json(nan) == "null");
}

TEST_CASE("json: structure, order of keys and text come back as they were") {
  for (const char* text : {"{}", "[]", "null", "true", "\"\"", "{\"b\":1,\"a\":[true,null,{\"c\":[]}]}",
                           "[[1,2],[3]]", "[1,\"2\"]", "\"\\\"\\\\\\n\\u0001 ü €\""})
    CHECK(rewritten(text) == text);
  CHECK(rewritten(" { \"a\" : 1.50 ,\n\t\"b\" : [ ] } ") == "{\"a\":1.5,\"b\":[]}");
}

TEST_CASE("json: lists of numbers only are Numbers, others are Arrays") {
  Faults faults;
  CHECK(parse_json("[1,2.5]", faults).as<Numbers>());
  CHECK(parse_json("[]", faults).as<Array>());
  CHECK(parse_json("[1,null]", faults).as<Array>());
  CHECK(parse_json("[[1]]", faults).as<Array>());
  CHECK(faults == Faults{});
}

TEST_CASE("json: a syntax error is named with its line and column") {
  CHECK(fault_of("{\"a\": 1,,}").rfind("not JSON at line 1, column 9: ", 0) == 0);
  CHECK(fault_of("{\n  \"a\": 1,\n  \"b\": x\n}").rfind("not JSON at line 3, column 8: ", 0) == 0);
  CHECK(fault_of("{\"a\": 1").rfind("not JSON at line 1, column 8: ", 0) == 0);  // the end
  CHECK(fault_of("").rfind("not JSON at line 1, column 1: ", 0) == 0);
  CHECK(fault_of("[1] 2").rfind("not JSON at line 1, column 5: ", 0) == 0);
  for (const char* text : {"{\"a\": 1,,}", "", "{\"a\":\n\"\x01\"}", "\"\xff\"", "nul"}) {
    const std::string fault = fault_of(text);
    INFO(fault);
    CHECK(fault.find('\n') == std::string::npos);
    CHECK(fault.find("json.exception") == std::string::npos);  // the library's name says nothing
    CHECK(fault.rfind("not JSON", 0) == 0);
  }
}

TEST_CASE("json: a number that no double holds is named with its place") {
  CHECK(fault_of("{\"a\": [1, {\"b\": 1e999}]}") ==
        "a[1].b: must be finite in double precision, not 1e999 (line 1, column 21)");
  CHECK(fault_of("-1e999").rfind("the document: must be finite in double precision, not -1e999",
                                 0) == 0);
}

TEST_CASE("json: a key that is there twice is a fault, wherever it is") {
  Faults faults;
  parse_json("{\"a\": 1, \"b\": {\"c\": 2, \"c\": 2}, \"a\": [0, {\"\": 1, \"\": 2}]}", faults);
  CHECK(faults == Faults{"b.c: is there twice", "a: is there twice", "a[1].\"\": is there twice"});
  CHECK(rewritten("[{\"a\":1},{\"a\":1}]") == "[{\"a\":1},{\"a\":1}]");
}

TEST_CASE("json: depth is limited, and a fault whatever it is nested in") {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  const std::string fault = "the document: must not be nested more than 32 levels deep";
  CHECK(rewritten(nested(32)) == nested(32));
  CHECK(fault_of(nested(34)) == fault);
  CHECK(fault_of(nested(100'000)) == fault);
  std::string objects;
  for (int i = 0; i < 40; ++i) objects += "{\"a\":";
  CHECK(fault_of(objects + "1" + std::string(40, '}')) == fault);
}

TEST_CASE("json: values in messages are short") {
  CHECK(describe(Value("say \"hi\"\n")) == "\"say \\\"hi\\\" \"");
  CHECK(describe(Value(std::string(50, 'x'))) == "\"" + std::string(40, 'x') + "…\"");
  // No character is cut in two: the first 40 bytes end within ü.
  const std::string cut = std::string(39, 'x');
  CHECK(describe(Value(cut + "üx")) == "\"" + cut + "…\"");
  CHECK(describe(Value(cut + "y")) == "\"" + cut + "y\"");
  CHECK(printable(std::string("a\0b\nc", 5), 40) == "a b c");
  CHECK(describe(Value(Numbers{1, 2.5, -3, 4})) == "[1, 2.5, -3, …]");
  CHECK(describe(Value(Floats{0.5f})) == "[0.5]");
  CHECK(describe(Value(Array{})) == "[]");
  CHECK(describe(Value(Array{true, nullptr, Object{}, 1})) == "[true, null, {}, …]");
  CHECK(describe(Value(Object{{"a", 1}})) == "{…}");
  CHECK(describe(0.1) == "0.1");
  CHECK(describe(1.0 / 3) == "0.3333333333333333");
  CHECK(describe(std::numeric_limits<double>::quiet_NaN()) == "NaN");
  CHECK(describe(-std::numeric_limits<double>::infinity()) == "-Infinity");
}
