#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "health/event.h"

namespace holdfast::health {

/// Who is told of what: names of contacts.
struct Routes {
  std::vector<std::string> usual{};  ///< of whatever has none of its own
  /// By what Event::used_by has: a pool, or a live name with its final dot. Only those that have contacts of their own.
  std::map<std::string, std::vector<std::string>> own{};
};

/// The contacts of everything that the event touches, each once. What touches no pool and no live name (an agent, the
/// store, the configuration) is for the usual ones.
std::set<std::string> recipients(const Event& event, const Routes& routes);

}  // namespace holdfast::health
