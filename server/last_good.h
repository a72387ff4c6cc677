#pragma once

#include <string>
#include <vector>

#include "health/verdict/kept_state.h"

namespace holdfast::server {

/// Who answered with a live name and type when enough were alive: what its pool comes back to with `when_down = "last-good"`.
struct LastGood {
  std::string name;                  ///< "example.com. www.example.com. A": its zone, itself, the type
  std::string pool;                  ///< that chose them: its own, or one that it falls back to
  std::vector<std::string> members;  ///< addresses, and names of groups

  bool operator==(const LastGood&) const = default;
};

/// For the next start.
health::KeptNote note_of(const LastGood& good);
std::string subject_of_last_good(const std::string& name);
/// Those among the notes.
std::vector<LastGood> read_last_good(const std::vector<health::KeptNote>& notes);

}  // namespace holdfast::server
