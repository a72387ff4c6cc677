#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <vector>

namespace holdfast::bench {

/// What every answer of a run was, kept in memory until the end, and then written as it lies there.
class Trace {
 public:
  /// Times by the monotonic clock, in nanoseconds.
  struct Line {
    std::int64_t due;  ///< when the query should have left
    std::int64_t came;
    std::uint16_t port;     ///< which of the source ports, from 0
    std::uint16_t records;  ///< in the answer section
    std::uint32_t unused;
  };

  /// @param file  empty: nothing is kept
  /// @param expected  lines, for which there is room at once
  Trace(std::filesystem::path file, std::size_t expected) : file_(std::move(file)) {
    if (!file_.empty()) lines_.reserve(expected);
  }

  void add(const Line& line) {
    if (!file_.empty()) lines_.push_back(line);
  }

  void write() const {
    if (file_.empty()) return;
    std::ofstream out(file_, std::ios::binary);
    out.write(reinterpret_cast<const char*>(lines_.data()),
              static_cast<std::streamsize>(lines_.size() * sizeof(Line)));
    if (!out.flush()) throw std::runtime_error("cannot write " + file_.string());
  }

 private:
  std::filesystem::path file_;
  std::vector<Line> lines_;
};

}  // namespace holdfast::bench
