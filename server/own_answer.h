#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "server/listen/source.h"

namespace holdfast::server {

/// What we answer a query with, as anybody; empty where its name is not ours to answer for, or cannot be answered.
std::vector<std::uint8_t> own_answer(const Source& source, std::span<const std::uint8_t> query);

}  // namespace holdfast::server
