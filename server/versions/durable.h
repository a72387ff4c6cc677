#pragma once

#include <filesystem>

namespace holdfast::server {

/// What was renamed, made or removed in there stays so over a loss of power. Throws std::filesystem::filesystem_error.
void sync_directory(const std::filesystem::path& directory);

}  // namespace holdfast::server
