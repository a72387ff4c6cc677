#include "zones/chance.h"

#include <openssl/rand.h>

namespace holdfast::zones {

std::uint64_t draw_chance() {
  std::uint64_t word = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&word), sizeof word);
  return word;
}

}  // namespace holdfast::zones
