#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace holdfast::config {

/// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`, no octet edited twice
/// (optimal string alignment). Upper and lower case are the same. Time grows with the product of the lengths.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The word most like `wrong`, or empty when none is near: at most one edit for each three octets of `wrong`,
/// and one for the shortest. Of equally near words the first.
std::string_view nearest(std::string_view wrong, std::span<const std::string_view> words);

}  // namespace holdfast::config
