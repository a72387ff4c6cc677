#pragma once

#include <filesystem>

#include "health/log/database.h"
#include "health/log/entry.h"

namespace holdfast::health {

/// The longest time for one page; what takes longer must be asked for more closely.
inline constexpr std::chrono::milliseconds kLongestRead{2000};

/// Reads a page of a log, beside its writer. Throws DatabaseError.
LogPage read_log(const std::filesystem::path& file, const LogQuery& query);

}  // namespace holdfast::health
