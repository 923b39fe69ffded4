#pragma once

#include <cstddef>

// How often the whole test program has allocated by `new` so far.
std::size_t allocations();
