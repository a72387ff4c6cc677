#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "health/settings.h"

namespace holdfast::health {

/// The beginning of an answer, in which a text must stand: case-sensitive, octet for octet.
class ExpectWindow {
 public:
  /// `expect` must outlive it.
  explicit ExpectWindow(const std::string& expect) : expect_(expect) {}

  /// Takes the next part. True once the text was seen.
  bool take(std::string_view part) {
    const std::size_t before = seen_.size();
    seen_ += part.substr(0, kExpectWindow - before);
    return seen_.find(expect_, before - std::min(before, expect_.size())) != std::string::npos;
  }
  bool is_full() const noexcept { return seen_.size() == kExpectWindow; }
  std::size_t size() const noexcept { return seen_.size(); }

  /// What is to be said when it is full.
  static std::string missing() { return "not in the first " + std::to_string(kExpectWindow) + " octets"; }

 private:
  const std::string& expect_;
  std::string seen_;
};

}  // namespace holdfast::health
