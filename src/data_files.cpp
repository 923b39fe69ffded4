#include "data_files.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace palimpsest {
namespace {

namespace fs = std::filesystem;

struct File {
  std::string path;
  std::vector<std::uint8_t> content;
  operator Bytes() const { return {path, content}; }
};

File read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file || fs::is_directory(path))
    throw std::runtime_error(path.string() + ": cannot be read; tools/data brings the data sets");
  return {path.string(), {std::istreambuf_iterator<char>(file), {}}};
}

ImageSet read_idx_folder(const fs::path& folder, Faults& faults) {
  const auto part = [&](const std::string& name) {
    return read_idx(read(folder / (name + "-images-idx3-ubyte")),
                    read(folder / (name + "-labels-idx1-ubyte")), faults);
  };
  ImageSet set;
  set.train = part("train");
  set.test = part("t10k");
  return set;
}

}  // namespace

ImageSets load_image_sets(const std::string& folder, const std::vector<std::string>& names) {
  ImageSets sets;
  if (folder.empty()) return sets;
  Faults faults;
  for (const std::string& name : names) {
    if (sets.find(name)) continue;
    const fs::path place = folder;
    if (name == "mnist") sets.give(name, read_idx_folder(place / "mnist", faults));
    if (name == "fashion_mnist") sets.give(name, read_idx_folder(place / "fashion-mnist", faults));
    if (name == "pack") sets.give(name, read_pack(read(place / "digits.pack"), faults));
  }
  if (faults.empty()) return sets;
  throw std::runtime_error(joined(faults));
}

}  // namespace palimpsest
