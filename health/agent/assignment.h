#pragma once

#include <string>
#include <vector>

#include "health/target.h"
#include "health/verdict/location.h"

namespace holdfast::health {

/// An agent that is there to be asked.
struct Colleague {
  std::string name;
  std::string location;

  bool operator==(const Colleague&) const = default;
};

/// The agents that probe a target: indexes into `agents`, ascending. Pure: all who know the same come to the same result, in
/// whatever order they know it, so that nobody has to lead.
///
/// One region of `prefer` after the other, then everywhere else, until there are `min`: all agents that are there, or, with
/// `nearest`, those nearest to the member, until there are that many. Where they are all in one location, the next one of
/// another joins them, if there is any: a target is not down before two locations say so.
std::vector<std::size_t> assigned(const Target& target, const std::vector<Colleague>& agents,
                                  const Locations& locations);

}  // namespace holdfast::health
