#pragma once

#include <random>
#include <vector>

#include "zones/dns/name.h"

namespace holdfast::zones {

/// Names at and below the apex that share beginnings, and have octets that a key could take for its own.
inline Name random_name(std::mt19937& random, NameView apex) {
  static const std::string kOctets("\0\1\2a\xff", 5);
  std::vector<std::uint8_t> labels;
  for (std::size_t count = random() % 5; count > 0; --count) {
    const std::size_t size = random() % 8 == 0 ? 17 + random() % 3 : 1 + random() % 3;
    labels.push_back(static_cast<std::uint8_t>(size));
    for (std::size_t i = 0; i < size; ++i) {
      labels.push_back(
          static_cast<std::uint8_t>(size > 3 && i < 15 ? 'a' : kOctets[random() % kOctets.size()]));
    }
  }
  return *Name::join(labels, apex);
}

}  // namespace holdfast::zones
