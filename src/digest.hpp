// The fingerprint of a run: two runs with one digest are the same run.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "vec.hpp"

namespace palimpsest {

// FNV-1a with 64 bits (Fowler, Noll, Vo; RFC 9923) over the bit patterns, least significant byte
// first. Every NaN counts as the same one, because a NaN's bits differ between platforms.
class Digest {
 public:
  template <class T>
  void add(std::span<const T> values) {
    for (T value : values) add(value);
  }
  void add(char value) { add_bytes(static_cast<unsigned char>(value), 1); }
  void add(float value) {
    add_bytes(value != value ? 0x7fc00000u : reinterpret<std::uint32_t>(value), 4);
  }
  void add(double value) {
    add_bytes(value != value ? 0x7ff8000000000000u : reinterpret<std::uint64_t>(value), 8);
  }
  void add(std::uint64_t value) { add_bytes(value, 8); }

  std::uint64_t value() const { return hash_; }
  // 16 hexadecimal digits.
  std::string text() const {
    std::string digits(16, '0');
    for (int i = 0; i < 16; ++i) digits[15 - i] = "0123456789abcdef"[(hash_ >> (4 * i)) & 15];
    return digits;
  }

 private:
  void add_bytes(std::uint64_t bits, int count) {
    for (int i = 0; i < count; ++i) hash_ = (hash_ ^ ((bits >> (8 * i)) & 0xff)) * 0x100000001b3u;
  }
  std::uint64_t hash_ = 0xcbf29ce484222325u;
};

}  // namespace palimpsest
