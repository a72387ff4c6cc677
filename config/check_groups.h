#pragma once

#include <span>
#include <string_view>

#include "config/document.h"

namespace holdfast::config {

inline constexpr std::size_t kMaxDepth = 4;  ///< pools that are in one another

/// Reports members of one pool that are neither an address nor a name nor a pool, more than one of these, or stand twice.
void check_kinds(const Section<zones::PoolSettings>& pool);

/// Reports pools that are in themselves, too deep, or come to too many members, and those that mix names with addresses.
/// The pools that members name are there.
void check_nesting(std::span<const Section<zones::PoolSettings>> pools);

/// Null: there is none of that name.
const Section<zones::PoolSettings>* find_pool(std::span<const Section<zones::PoolSettings>> pools,
                                              std::string_view name);

/// Whether it answers with names: it, or a pool in it.
bool has_names(const zones::PoolSettings& pool, std::span<const Section<zones::PoolSettings>> pools);

}  // namespace holdfast::config
