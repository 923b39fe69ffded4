// Episodic memories.
#include "memory.hpp"

#include <cmath>
#include <set>

#include "support.hpp"

using namespace support;

namespace {

using Rows = std::vector<std::uint32_t>;

EpisodicMemory make_memory(int size, const char* selection) {
  Settings settings;
  settings.set("memory_per_task", size);
  settings.set("selection", selection);
  return EpisodicMemory(settings);
}

Rows rows_of(const EpisodicMemory& memory, std::size_t task) {
  const auto rows = memory.rows(task);
  return {rows.begin(), rows.end()};
}

std::set<std::uint32_t> set_of(const Rows& rows) { return {rows.begin(), rows.end()}; }

}  // namespace

TEST_CASE("memory: `last` keeps the last distinct examples seen in training") {
  EpisodicMemory memory = make_memory(3, "last");
  Random random(1, "memory");
  for (const Rows& batch : {Rows{0, 1}, Rows{2, 3}, Rows{4, 0}, Rows{4, 1}, Rows{1, 4}})
    memory.observe(batch, 10);
  CHECK(memory.tasks() == 0);
  memory.end_task({0, 5}, random);
  CHECK(set_of(rows_of(memory, 0)) == std::set<std::uint32_t>{0, 1, 4});
  // The second task's rows; what is seen of other tasks' rows (replayed) is none of its own.
  for (const Rows& batch : {Rows{9, 8}, Rows{7, 6}, Rows{5, 0}, Rows{1, 2}}) memory.observe(batch, 10);
  memory.end_task({5, 10}, random);
  CHECK(memory.tasks() == 2);
  CHECK(set_of(rows_of(memory, 1)) == std::set<std::uint32_t>{5, 6, 7});
  CHECK(set_of(rows_of(memory, 0)) == std::set<std::uint32_t>{0, 1, 4});
}

TEST_CASE("memory: `last` with few steps fills up with examples never seen, distinct ones") {
  EpisodicMemory memory = make_memory(4, "last");
  Random random(1, "memory");
  memory.observe(Rows{7}, 10);
  memory.end_task({0, 10}, random);
  const auto kept = set_of(rows_of(memory, 0));
  CHECK(kept.size() == 4);
  CHECK(kept.count(7) == 1);
}

TEST_CASE("memory: `random` keeps every example of the task equally often") {
  std::vector<int> kept(12);
  Random random(2, "memory");
  constexpr int kDraws = 20'000;
  for (int i = 0; i < kDraws; ++i) {
    EpisodicMemory memory = make_memory(4, "random");
    memory.end_task({3, 12}, random);
    const Rows rows = rows_of(memory, 0);
    REQUIRE(rows.size() == 4);
    REQUIRE(set_of(rows).size() == 4);
    for (std::uint32_t row : rows) ++kept[row];
  }
  const double p = 4.0 / 9;
  for (std::uint32_t row = 0; row < 12; ++row)
    CHECK(std::abs(kept[row] - (row < 3 ? 0 : kDraws * p)) <=
          (row < 3 ? 0 : 4 * std::sqrt(kDraws * p * (1 - p))));
}

TEST_CASE("memory: a task with no more examples than the memory holds is kept whole") {
  for (const char* selection : {"last", "random"})
    for (int size : {6, 7, 1000}) {
      EpisodicMemory memory = make_memory(size, selection);
      Random random(3, "memory");
      memory.observe(Rows{12, 12, 13}, 20);
      memory.end_task({10, 16}, random);
      CHECK(set_of(rows_of(memory, 0)) == std::set<std::uint32_t>{10, 11, 12, 13, 14, 15});
    }
}

TEST_CASE("memory: all memories' rows lie task after task") {
  EpisodicMemory memory = make_memory(2, "random");
  Random random(4, "memory");
  const Range tasks[] = {{0, 5}, {5, 6}, {6, 20}};
  for (Range task : tasks) memory.end_task(task, random);
  REQUIRE(memory.tasks() == 3);
  CHECK(memory.rows().size() == 5);
  Rows all;
  for (std::size_t k = 0; k < 3; ++k)
    for (std::uint32_t row : rows_of(memory, k)) {
      CHECK(row >= tasks[k].begin);
      CHECK(row < tasks[k].end);
      all.push_back(row);
    }
  CHECK(all == Rows(memory.rows().begin(), memory.rows().end()));
}

TEST_CASE("memory: a draw is a uniform subset without repetition; 0, or too many, is everything") {
  EpisodicMemory memory = make_memory(4, "random");
  Random random(5, "memory");
  memory.end_task({0, 3}, random);
  memory.end_task({3, 30}, random);
  const Rows all(memory.rows().begin(), memory.rows().end());
  REQUIRE(all.size() == 7);
  std::vector<int> drawn(7);
  constexpr int kDraws = 20'000;
  for (int i = 0; i < kDraws; ++i) {
    const auto [places, rows] = memory.draw(3, random);
    REQUIRE(places.size() == 3);
    REQUIRE(std::set<std::uint32_t>(places.begin(), places.end()).size() == 3);
    for (std::size_t k = 0; k < 3; ++k) {
      REQUIRE(rows[k] == all[places[k]]);
      ++drawn[places[k]];
    }
  }
  const double p = 3.0 / 7;
  for (int times : drawn)
    CHECK(std::abs(times - kDraws * p) < 4 * std::sqrt(kDraws * p * (1 - p)));
  for (std::size_t count : {0u, 7u, 8u}) {
    const auto rows = memory.draw(count, random).rows;
    CHECK(set_of(Rows(rows.begin(), rows.end())) == set_of(all));
    CHECK(rows.size() == 7);
  }
}
