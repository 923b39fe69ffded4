// How a host and the WebAssembly ask and answer: whatever is more than a number crosses as bytes in a
// block that belongs to this side, a document a time. exchange.js reads and writes the same form, from
// eight bytes to eight bytes:
//   kind, count    32 bits each, and then
//   number         double
//   text           `count` bytes of UTF-8
//   numbers        `count` doubles; floats: as many in single precision
//   array          `count` values
//   object         `count` members: a text, the key, and the value
// The rest of eight bytes is zero.
#pragma once

#include "settings.hpp"

#define EXPORT(name) extern "C" __attribute__((export_name(#name)))

namespace palimpsest {

// What the host has put into the block, which is empty then.
Value question();

// Where the answer begins.
const void* answer(const Value& value);

Value listed(const Faults& faults);

// {faults, answer} of the question.
const void* answer_to(Value (*reply)(const Value&, Faults&));

}  // namespace palimpsest
