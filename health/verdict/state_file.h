#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "health/log/database.h"
#include "health/verdict/kept_state.h"

namespace holdfast::health {

/// What is to be written; null: to be forgotten.
struct StateChanges {
  std::map<TargetId, std::optional<KeptVerdict>> verdicts{};
  std::map<std::string, std::optional<KeptOverride>> overrides{};
  std::map<std::string, std::optional<std::string>> notes{};  // texts

  bool empty() const noexcept { return verdicts.empty() && overrides.empty() && notes.empty(); }
};

/// The database of what is kept over a restart. For one thread. Everything throws DatabaseError.
class StateFile {
 public:
  /// Opens the file, or begins it; what an older holdfast wrote stays as it is.
  explicit StateFile(const std::filesystem::path& file);

  KeptAtStart read();
  /// All of it or, when it throws, nothing. On the disk when it returns. When there is nothing, it throws all the same where
  /// nothing could be written.
  void write(const StateChanges& changes);

 private:
  Database database_;
};

/// True of what StateFile throws for a file that a newer holdfast wrote.
bool is_newer(const DatabaseError& error) noexcept;

}  // namespace holdfast::health
