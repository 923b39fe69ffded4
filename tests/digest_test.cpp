// FNV-1a, 64 bits: the vectors of its authors (RFC 9923, appendix C; "a", "foobar" also in their
// test suite).
#include "digest.hpp"

#include <limits>

#include "support.hpp"

using namespace support;

namespace {

std::uint64_t hash_of(const std::string& text) {
  Digest digest;
  digest.add(std::span<const char>(text.data(), text.size()));
  return digest.value();
}

template <class... Numbers>
std::uint64_t digest_of_numbers(Numbers... numbers) {
  Digest digest;
  (digest.add(numbers), ...);
  return digest.value();
}

}  // namespace

TEST_CASE("digest: published vectors of FNV-1a") {
  CHECK(hash_of("") == 0xcbf29ce484222325);
  CHECK(hash_of("a") == 0xaf63dc4c8601ec8c);
  CHECK(hash_of("foobar") == 0x85944171f73967e8);
  CHECK(hash_of("hello") == 0xa430d84680aabd0b);
  CHECK(hash_of("\xff") == (0xcbf29ce484222325 ^ 0xff) * 0x100000001b3);  // no sign
}

TEST_CASE("digest: numbers count by their bits, the least significant byte first") {
  const std::string one_as_float("\x00\x00\x80\x3f", 4);
  const std::string one_as_double("\x00\x00\x00\x00\x00\x00\xf0\x3f", 8);
  CHECK(digest_of_numbers(1.0f) == hash_of(one_as_float));
  CHECK(digest_of_numbers(1.0) == hash_of(one_as_double));
  CHECK(digest_of_numbers(std::uint64_t{0x0807060504030201}) ==
        hash_of("\x01\x02\x03\x04\x05\x06\x07\x08"));
  CHECK(digest_of_numbers(0.0) != digest_of_numbers(-0.0));
  CHECK(digest_of_numbers(1.0f, 2.0f) != digest_of_numbers(2.0f, 1.0f));
  CHECK(digest_of_numbers(1.0) != digest_of_numbers(1.0 + 0x1p-52));
}

TEST_CASE("digest: every NaN is the same one, and none is a number") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const double wide = std::numeric_limits<double>::quiet_NaN();
  CHECK(digest_of_numbers(nan) == digest_of_numbers(-nan));
  CHECK(digest_of_numbers(nan) == digest_of_numbers(from_bits(std::int32_t{0x7fc12345})));
  CHECK(digest_of_numbers(wide) == digest_of_numbers(-wide));
  CHECK(digest_of_numbers(nan) != digest_of_numbers(std::numeric_limits<float>::infinity()));
}

TEST_CASE("digest: 16 hexadecimal digits") {
  CHECK(Digest().text() == "cbf29ce484222325");
  Digest digest;
  digest.add('a');
  CHECK(digest.text() == "af63dc4c8601ec8c");
  for (int i = 0; i < 1000 && digest.text()[0] != '0'; ++i) digest.add('x');
  CHECK(digest.text()[0] == '0');  // leading zeros stay
  CHECK(digest.text().size() == 16);
}
