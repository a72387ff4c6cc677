#include "server/versions/durable.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace holdfast::server {

void sync_directory(const std::filesystem::path& directory) {
  const int opened = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool is_synced = opened != -1 && ::fsync(opened) == 0;
  const std::error_code error(errno, std::generic_category());
  if (opened != -1) ::close(opened);
  if (!is_synced) throw std::filesystem::filesystem_error("cannot be synced", directory, error);
}

}  // namespace holdfast::server
