// An override as it stands in the store, and what people may name one by.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "health/verdict/override.h"

using namespace holdfast::health;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (const auto subject = read_subject(input); subject && read_subject(text(*subject)) != subject)
    std::abort();
  if (const auto read = read_override(input)) {
    if (read_override(write(*read)) != read || from_kept(to_kept(*read)) != read) std::abort();
  }
  if (const auto end = read_end(input); end && read_end(write(*end)) != end) std::abort();
  return 0;
}
