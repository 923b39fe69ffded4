// Image sets from a folder's files, as tools/data lays them out. Native only.
#pragma once

#include <string>
#include <vector>

#include "images.hpp"

namespace palimpsest {

// The sets of these names, in `folder`: mnist/ and fashion-mnist/ with four IDX files each, and
// digits.pack. No folder, or a name that is none: nothing, which whoever needs it will say. Throws
// std::runtime_error, one line, where a file is not what it should be.
ImageSets load_image_sets(const std::string& folder, const std::vector<std::string>& names);

}  // namespace palimpsest
