// Packs WebAssembly modules for the page, where the engine is half of what a visit loads: a seventh
// smaller than LZMA makes them with alike bytes sorted together. Dropped is what can be known
// without being told: the lengths of code sections and functions, and the alignments, which are
// hints.
#include <algorithm>
#include <cstdint>
#include <cstring>

namespace {

// What a byte of a module is: https://webassembly.github.io/spec/core/binary
enum Kind { kOpcode, kLocal, kConstant, kOffset, kCall, kLiteral, kRest, kKinds };

// Stands for a section's number after the last section.
constexpr std::uint8_t kEnd = 0xff;

// Walks through a module. Its side gives each byte, of a kind and in its place in a number, and is
// told of alignments, and where a length stands and where what it counts ends. What follows depends
// on bytes that were given, so that one walk serves both ways.
template <class Side>
class Walk {
 public:
  explicit Walk(Side& side) : side_(side) {}

  void module() {
    for (int i = 0; i < 8; ++i) side_.byte(kRest);
    for (std::uint8_t section; (section = side_.byte(kRest)) != kEnd;) {
      if (section == kCodeSection) {
        side_.open();
        for (std::uint32_t functions = number(kRest); functions > 0; --functions) body();
        side_.close();
      } else {
        for (std::uint32_t left = number(kRest); left > 0; --left) side_.byte(kRest);
      }
    }
  }

 private:
  static constexpr std::uint8_t kCodeSection = 10;

  std::uint32_t number(Kind kind) {  // LEB128
    std::uint32_t value = 0;
    for (int place = 0;; ++place) {
      const std::uint32_t byte = side_.byte(kind, place);
      value |= (byte & 127) << 7 * place;
      if (byte < 128) return value;
    }
  }

  void numbers(Kind kind, std::uint32_t count) {
    for (; count > 0; --count) number(kind);
  }

  void literal(int bytes) {
    for (int place = 0; place < bytes; ++place) side_.byte(kLiteral, place);
  }

  void address() {
    side_.hint();
    number(kOffset);
  }

  void vector(std::uint32_t opcode) {
    const bool lane = opcode >= 84 && opcode <= 91;
    if (opcode < 12 || lane || opcode == 92 || opcode == 93) address();
    if (opcode == 12 || opcode == 13) literal(16);
    if (lane || (opcode >= 21 && opcode <= 34)) literal(1);
  }

  void operands(std::uint8_t opcode) {
    if (opcode >= 0x28 && opcode <= 0x3e) return address();
    switch (opcode) {
      case 0x20:
      case 0x21:
      case 0x22:
        return void(number(kLocal));
      case 0x02:
      case 0x03:
      case 0x04:
      case 0x0c:
      case 0x0d:  // of blocks and branches,
      case 0x23:
      case 0x24:
      case 0x3f:
      case 0x40:  // globals and memories
        return void(number(kOpcode));
      case 0x0e:
        return numbers(kOpcode, number(kOpcode) + 1);
      case 0x10:
        return void(number(kCall));
      case 0x11:
        return numbers(kCall, 2);
      case 0x41:
      case 0x42:
        return void(number(kConstant));
      case 0x43:
        return literal(4);
      case 0x44:
        return literal(8);
      case 0xfc: {
        const std::uint32_t second = number(kOpcode);
        return numbers(kOpcode, second == 8 || second == 10 ? 2 : second == 11 ? 1 : 0);
      }
      case 0xfd:
        return vector(number(kOpcode));
    }
  }

  void body() {
    side_.open();
    for (std::uint32_t declarations = number(kRest); declarations > 0; --declarations) {
      number(kRest);
      side_.byte(kRest);
    }
    for (int depth = 1; depth > 0;) {
      const std::uint8_t opcode = side_.byte(kOpcode);
      if (opcode >= 0x02 && opcode <= 0x04) ++depth;
      if (opcode == 0x0b) --depth;
      operands(opcode);
    }
    side_.close();
  }

  Side& side_;
};

// Bits of which each has a chance, that of a 1 times 2¹⁶ (Martin 1979, "Range encoding").
class Decoder {
 public:
  Decoder() = default;
  explicit Decoder(const std::uint8_t* from) : from_(from) {
    for (int i = 0; i < 4; ++i) code_ = code_ << 8 | *from_++;
  }

  bool bit(std::uint32_t chance) {
    const std::uint32_t bound = (range_ >> 16) * chance;
    const bool bit = code_ < bound;
    if (!bit) code_ -= bound;
    range_ = bit ? bound : range_ - bound;
    for (; range_ < 1U << 24; range_ <<= 8) code_ = code_ << 8 | *from_++;
    return bit;
  }

 private:
  const std::uint8_t* from_ = nullptr;
  std::uint32_t range_ = 0xffffffff, code_ = 0;
};

class Encoder {
 public:
  Encoder() = default;
  explicit Encoder(std::uint8_t* to) : to_(to) {}

  // The bits that come next, the first the most significant, below a 1.
  void follow(std::uint32_t path) {
    path_ = path;
    left_ = 31 - __builtin_clz(path);
  }

  bool bit(std::uint32_t chance) {
    const std::uint32_t bound = (range_ >> 16) * chance;
    const bool bit = path_ >> --left_ & 1;
    if (!bit) low_ += bound;
    range_ = bit ? bound : range_ - bound;
    for (; range_ < 1U << 24; range_ <<= 8) shift();
    return bit;
  }

  std::uint8_t* end() {
    for (int i = 0; i < 4; ++i) shift();
    return to_;
  }

 private:
  void shift() {
    if (low_ >> 32)  // a carry
      for (std::uint8_t* at = to_; ++*--at == 0;) {
      }
    *to_++ = static_cast<std::uint8_t>(low_ >> 24);
    low_ = low_ << 8 & 0xffffffff;
  }

  std::uint8_t* to_ = nullptr;
  std::uint64_t low_ = 0;
  std::uint32_t range_ = 0xffffffff, path_ = 0;
  int left_ = 0;
};

// A byte as decisions: the fewer, the more frequent it is. A node is 0 … 255, or from kAny on where
// all bytes are as frequent; below 0 it is a byte, ~byte.
struct Tree {
  static constexpr int kAny = 256, kNodes = 512, kLongest = 8;

  std::int16_t root, next[kNodes][2];
  int count;

  void begin() {
    root = kAny;
    for (int path = 2; path < 512; ++path)
      next[kAny - 1 + path / 2][path % 2] =
          static_cast<std::int16_t>(path < 256 ? kAny - 1 + path : ~(path - 256));
  }

  // By the decisions that each byte needs, 0 for one of the rest (the canonical code of Huffman's).
  void build(const std::uint8_t* lengths) {
    int code = 0;
    for (int length = 1; length <= kLongest; ++length, code <<= 1)
      for (int byte = 0; byte < 256; ++byte)
        if (lengths[byte] == length) insert(code++, length, byte);
  }

 private:
  void insert(int code, int length, int byte) {
    std::int16_t* place = &root;
    while (length-- > 0) {
      if (*place == kAny) {
        next[count][0] = next[count][1] = kAny;
        *place = static_cast<std::int16_t>(count++);
      }
      place = &next[*place][code >> length & 1];
    }
    *place = static_cast<std::int16_t>(~byte);
  }
};

constexpr int kContexts = 8;

// Each decision's chance is mixed from those that it had in eight contexts, as log odds, by weights
// that follow the gradient of the bits spent (Mahoney 2005, "Adaptive weighing of context models
// for lossless data compression", §2).
template <class Coder>
class Model {
 public:
  Tree trees[kKinds];
  Coder coder;

  void begin(const Coder& begun) {
    coder = begun;
    for (Tree& tree : trees) tree.begin();
    fill_tables();
  }

  // In each function its locals are others.
  void begin_function() {
    ++function_;
    last_[kLocal] = 0;
  }

  std::uint8_t byte(Kind kind, int place) {
    const std::uint64_t own = last_[kind], opcodes = last_[kOpcode];
    find_contexts(kind, place);
    const std::uint8_t byte = decide(kind, (kind == kRest ? own : opcodes) & 255);
    last_[kind] = own << 8 | byte;
    all_ = all_ << 8 | byte;
    const bool letter = byte > 127 || ((byte | 32) >= 'a' && (byte | 32) <= 'z');
    word_ = letter ? (word_ + byte) * 0x2f0b4c47 : 0;
    return byte;
  }

 private:
  using Weights = float[kContexts];

  static constexpr int kSteps = 128, kMost = 12 * kSteps;  // of log odds: to one, and the largest
  static constexpr int kBucketBits = 15, kBucket = 16;  // of each context: a check, four decisions
  static constexpr int kMostSeen = 15;

  void fill_tables() {
    double odds = 1;
    for (int i = 0; i <= kMost; ++i, odds *= 0.9922179382602435) {  // e^(−1/128)
      const auto chance = static_cast<int>(65536 / (1 + odds));
      squash_[kMost + i] = std::min(chance, 65535);
      squash_[kMost - i] = std::max(65536 - chance, 1);
    }
    for (int i = 0, step = 0; i < 4096; ++i) {
      while (squash_[step] < 16 * i) ++step;
      stretch_[i] = static_cast<float>(step - kMost);
    }
    for (int seen = 0; seen <= kMostSeen; ++seen) rate_[seen] = 655360 / (10 * seen + 13);
  }

  static std::uint64_t youngest(std::uint64_t bytes, int count) {
    return bytes & ~std::uint64_t{0} >> (64 - 8 * count);
  }

  void find_contexts(Kind kind, int place) {
    const std::uint64_t own = last_[kind], opcodes = last_[kOpcode];
    int i = 0;
    const auto context = [&](std::uint64_t a, std::uint64_t b = 0) {
      a = (a + kind + 8 * place) * 0x9e3779b97f4a7c15;
      context_[i++] = static_cast<std::uint32_t>(((a ^ a >> 29) + b) * 0xbf58476d1ce4e5b9 >> 32);
    };
    if (kind == kRest) {
      context(0);
      for (int order : {2, 3, 4, 6}) context(youngest(own, order));
      context(own & 0xff00);
      context(own & 0xff000000ff000000);
      context(own & 255, word_);
    } else {
      context(0);
      context(youngest(opcodes, 1));
      context(opcodes);
      context(youngest(opcodes, 3), own & 255);
      context(youngest(opcodes, 4), youngest(own, 3));
      context(youngest(opcodes, 2) << 8 | (last_[kLocal] & 255), function_);
      context(youngest(all_, 2));
      context(youngest(all_, 7));
    }
  }

  void find_buckets(int node) {
    for (int i = 0; i < kContexts; ++i) {
      std::uint32_t hash = (context_[i] + static_cast<std::uint32_t>(node)) * 0x2c1b3c6d;
      hash = (hash ^ hash >> 15) * 0x85ebca6b;
      hash ^= hash >> 13;
      const auto check = static_cast<std::int16_t>(hash);
      bucket_[i] = chances_[i][hash >> (32 - kBucketBits)];
      if (*bucket_[i] != check) {
        std::memset(bucket_[i], 0, sizeof chances_[0][0]);
        *bucket_[i] = check;
      }
    }
  }

  std::uint8_t decide(Kind kind, std::uint64_t opcode) {
    const Tree& tree = trees[kind];
    Weights& more = by_opcode_[kind][opcode];
    int node = tree.root, place = kBucket;
    do {
      if (place >= kBucket) {
        find_buckets(node);
        place = 1;
      }
      const bool bit = decide(place, by_node_[kind][node], more);
      place = 2 * place + bit;
      node = tree.next[node][bit];
    } while (node >= 0);
    return static_cast<std::uint8_t>(~node);
  }

  bool decide(int place, Weights& weights, Weights& more) {
    float inputs[kContexts], sum = 0;
    for (int i = 0; i < kContexts; ++i) {
      inputs[i] = stretch_[(bucket_[i][place] >> 4) + 2048];
      sum += inputs[i] * (weights[i] + more[i] + 0.3F);
    }
    sum = sum > kMost ? kMost : sum < -kMost ? -kMost : sum;
    const int chance = squash_[static_cast<int>(sum) + kMost];
    const bool bit = coder.bit(static_cast<std::uint32_t>(chance));
    const float error = static_cast<float>(bit * 65536 - chance) * (0.012F / 65536 / kSteps);
    for (int i = 0; i < kContexts; ++i) {
      const float step = error * inputs[i];
      weights[i] += step;
      more[i] += step;
      learn(bucket_[i][place], bit);
    }
    return bit;
  }

  void learn(std::int16_t& chance, bool bit) const {
    const int seen = chance & 15, miss = (bit ? 2047 : -2048) - (chance >> 4);
    chance =
        static_cast<std::int16_t>(chance + 16 * (miss * rate_[seen] >> 16) + (seen < kMostSeen));
  }

  std::int32_t squash_[2 * kMost + 1], rate_[kMostSeen + 1];
  float stretch_[4096];
  std::uint64_t last_[kKinds] = {}, all_ = 0;  // eight bytes of each kind, the youngest lowest
  std::uint32_t function_ = 0, word_ = 0;
  std::uint32_t context_[kContexts];
  std::int16_t* bucket_[kContexts];
  // 12 bits of a chance less ½, 4 of how often seen
  std::int16_t chances_[kContexts][1 << kBucketBits][kBucket];
  Weights by_node_[kKinds][Tree::kNodes], by_opcode_[kKinds][256];
};

// 17 MB of zeros, of which an instance of WebAssembly has the first for nothing: it does one thing.
template <class Coder>
Model<Coder> model;

class Unpacker {
 public:
  Unpacker(const std::uint8_t* packed, std::uint8_t* module) : module_(module), to_(module) {
    model_.begin(Decoder(packed));
    std::uint8_t lengths[kKinds][256];
    for (auto& of_kind : lengths)
      for (std::uint8_t& length : of_kind) length = model_.byte(kRest, 0);
    for (int kind = 0; kind < kKinds; ++kind) model_.trees[kind].build(lengths[kind]);
  }

  std::uint8_t byte(Kind kind, int place = 0) { return *to_++ = model_.byte(kind, place); }
  void hint() { *to_++ = 0; }

  void open() {
    model_.begin_function();
    begins_[depth_++] = to_ += kLength;
  }

  void close() {
    std::uint8_t* begin = begins_[--depth_];
    for (std::uint32_t left = to_ - begin, i = kLength; i > 0; --i, left >>= 7)
      begin[-static_cast<int>(i)] = static_cast<std::uint8_t>((left & 127) | (i > 1 ? 128 : 0));
  }

  std::uint32_t written() const { return static_cast<std::uint32_t>(to_ - module_); }

 private:
  static constexpr int kLength = 5;  // bytes, as many as a number of 32 bits can take

  Model<Decoder>& model_ = model<Decoder>;
  std::uint8_t *module_, *to_, *begins_[2];
  int depth_ = 0;
};

// A module that is there, byte for byte.
class Reader {
 public:
  Reader(const std::uint8_t* module, std::uint32_t size) : at_(module), end_(module + size) {}

  void hint() { ++at_; }
  void close() {}

 protected:
  std::uint8_t take() { return at_ < end_ ? *at_++ : kEnd; }
  void pass_length() {
    while (*at_++ > 127) {
    }
  }

 private:
  const std::uint8_t *at_, *end_;
};

class Counter : public Reader {
 public:
  using Reader::Reader;

  std::uint8_t byte(Kind kind, int = 0) {
    const std::uint8_t byte = take();
    ++counts_[kind][byte];
    ++sums_[kind];
    return byte;
  }

  void open() { pass_length(); }

  // The decisions that a byte needs (Shannon 1948, §9); 0 where they would be more than a tree has.
  std::uint8_t length(int kind, int byte) const {
    const std::uint64_t count = counts_[kind][byte];
    if (count == 0) return 0;
    int length = 1;
    while (length <= Tree::kLongest && count << length < sums_[kind]) ++length;
    return static_cast<std::uint8_t>(length > Tree::kLongest ? 0 : length);
  }

 private:
  std::uint32_t counts_[kKinds][256] = {}, sums_[kKinds] = {};
};

class Packer : public Reader {
 public:
  Packer(const Counter& counter, const std::uint8_t* module, std::uint32_t size,
         std::uint8_t* packed)
      : Reader(module, size) {
    model_.begin(Encoder(packed));
    find_paths(kRest);
    std::uint8_t lengths[kKinds][256];
    for (int kind = 0; kind < kKinds; ++kind)
      for (int byte = 0; byte < 256; ++byte)
        put(kRest, 0, lengths[kind][byte] = counter.length(kind, byte));
    for (int kind = 0; kind < kKinds; ++kind) {
      model_.trees[kind].build(lengths[kind]);
      find_paths(kind);
    }
  }

  std::uint8_t byte(Kind kind, int place = 0) { return put(kind, place, take()); }

  void open() {
    pass_length();
    model_.begin_function();
  }

  std::uint8_t* end() { return model_.coder.end(); }

 private:
  std::uint8_t put(Kind kind, int place, std::uint8_t byte) {
    model_.coder.follow(paths_[kind][byte]);
    return model_.byte(kind, place);
  }

  void find_paths(int kind) {
    std::fill_n(paths_[kind], 256, 0);
    find_paths(kind, model_.trees[kind].root, 1);
  }

  // The first and shorter, where a byte has two: it may stand among the rest as well.
  void find_paths(int kind, int node, std::uint32_t path) {
    if (node < 0) {
      std::uint32_t& known = paths_[kind][~node];
      if (known == 0 || path < known) known = path;
    } else {
      for (std::uint32_t bit : {0, 1})
        find_paths(kind, model_.trees[kind].next[node][bit], 2 * path + bit);
    }
  }

  Model<Encoder>& model_ = model<Encoder>;
  std::uint32_t paths_[kKinds][256];
};

}  // namespace

// An instance of WebAssembly does one thing, once: it makes something of what it is given, and says
// of how many bytes.
extern "C" {

std::uint8_t given[1 << 20], made[1 << 20];

std::uint32_t pack(std::uint32_t size) {
  Counter counter(given, size);
  Walk(counter).module();
  Packer packer(counter, given, size, made);
  Walk(packer).module();
  return static_cast<std::uint32_t>(packer.end() - made);
}

std::uint32_t unpack() {
  Unpacker unpacker(given, made);
  Walk(unpacker).module();
  return unpacker.written() - 1;  // without kEnd
}
}
