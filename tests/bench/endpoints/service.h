#pragma once

#include <string>

#include "tests/bench/endpoints/visits.h"

namespace holdfast::bench {

/// The cheapest server of a protocol that a check of it takes for alive, at every address of this machine.
class Service {
 public:
  Service() = default;
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  virtual ~Service() = default;

  virtual int ready() const = 0;           ///< a descriptor that is readable when there is something to do
  virtual void serve(Visits& visits) = 0;  ///< does what there is to do, and does not block
};

}  // namespace holdfast::bench
